using System.Net;

namespace Cluster.Rpc.Client;

/// <summary>
/// A request body that hands its stream to the call's <see cref="RequestWriter{T}"/> and stays open until the requests are complete or the call
/// has ended.
/// </summary>
internal sealed class StreamingContent : GrpcContent
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The stream to write to, or the failure of a call that never got one.</summary>
    public Task<Stream> Opened => _opened.Task;

    public void Complete() => _completed.TrySetResult();

    public void Fail(Exception exception)
    {
        if (_opened.TrySetException(exception)) _ = _opened.Task.Exception; // the writer may never look: that is no unobserved failure
        Complete();
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Messages are gone once written: a request that has begun cannot be replayed on another connection.
        if (_opened.Task.IsCompleted) throw new IOException("The connection was closed while the call began.");
        // The headers leave with the first flush; without it a server that speaks first is never asked.
        await stream.FlushAsync(cancellationToken);
        _opened.TrySetResult(stream);
        await _completed.Task.WaitAsync(cancellationToken);
    }
}
