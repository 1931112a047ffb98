namespace Grpc.Core;

/// <summary>Call state from delegates, for call objects that test doubles make.</summary>
internal sealed class DelegateCallState(Task<Metadata> headers, Func<Status> status, Func<Metadata> trailers, Action dispose) : ICallState
{
    public Task<Metadata> ResponseHeadersAsync => headers;

    public Status GetStatus() => status();

    public Metadata GetTrailers() => trailers();

    public void Dispose() => dispose();
}
