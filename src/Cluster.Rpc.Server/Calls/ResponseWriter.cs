using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

/// <summary>The responses of a streaming call; one writer at a time.</summary>
internal sealed class ResponseWriter<T>(HttpServerCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
    where T : class
{
    private int _isBusy;

    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isBusy, 1) != 0) throw new InvalidOperationException("Only one write may be pending at a time.");
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            call.Write(marshaller, message);
            bool mayWait = WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) == true;
            if (!mayWait || call.IsBufferFull) await call.FlushAsync(cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _isBusy, 0);
        }
    }
}
