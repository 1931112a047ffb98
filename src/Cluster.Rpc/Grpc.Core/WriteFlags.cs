namespace Grpc.Core;

/// <summary>How a message is written.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>More follows: the message may wait to be sent together with the next ones.</summary>
    BufferHint = 0x1,

    NoCompress = 0x2,
}
