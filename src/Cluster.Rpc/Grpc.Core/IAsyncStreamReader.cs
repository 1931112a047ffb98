namespace Grpc.Core;

/// <summary>Messages of a stream, one reader at a time.</summary>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message read last; valid after <see cref="MoveNext"/> gave true.</summary>
    T Current { get; }

    /// <summary>Reads the next message; false at the end of the stream.</summary>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
