using System.Collections.Concurrent;
using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

/// <summary>Whatever goes on at a server, so that it can be judged again. Thread-safe.</summary>
internal sealed class OpenCalls(RpcServerOptions options)
{
    private readonly ConcurrentDictionary<IOpenCall, bool> _open = new();

    public void Add(IOpenCall call) => _open.TryAdd(call, true);

    public void Remove(IOpenCall call) => _open.TryRemove(call, out _);

    /// <summary>What the authoriser says; when it fails, a refusal.</summary>
    public Status Judge(string method, RpcPeer peer)
    {
        if (options.Authorize is null) return Status.DefaultSuccess;
        try
        {
            return options.Authorize(method, peer);
        }
        catch (Exception e)
        {
            options.OnUnhandled?.Invoke(method, e);
            return new Status(StatusCode.Internal, "The server could not decide whether this call is allowed.");
        }
    }

    /// <summary>Ends what would be refused if it began now.</summary>
    public void JudgeAgain()
    {
        foreach (IOpenCall call in _open.Keys)
        {
            if (Judge(call.MethodName, call.RpcPeer) is not { StatusCode: not StatusCode.OK } refusal) continue;
            try
            {
                call.Refuse(refusal);
            }
            catch (Exception e) // of whoever is told of the end: the others are to be judged all the same
            {
                options.OnUnhandled?.Invoke(call.MethodName, e);
            }
        }
    }
}
