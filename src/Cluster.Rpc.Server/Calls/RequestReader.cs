using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

/// <summary>The requests of a streaming call; one reader at a time.</summary>
internal sealed class RequestReader<T>(HttpServerCall call, Marshaller<T> marshaller) : IAsyncStreamReader<T>
    where T : class
{
    public T Current { get; private set; } = null!;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        T? message = await call.ReadAsync(marshaller, cancellationToken);
        Current = message!;
        return message is not null;
    }
}
