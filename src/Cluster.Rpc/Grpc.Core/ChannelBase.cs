namespace Grpc.Core;

/// <summary>A way to one server; generated clients are made from it.</summary>
public abstract class ChannelBase(string target)
{
    /// <summary>What the channel leads to, for messages and logs.</summary>
    public string Target { get; } = target;

    public abstract CallInvoker CreateCallInvoker();
}
