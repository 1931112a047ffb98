using Grpc.Core;

namespace Cluster.Manager.Leading;

/// <summary>
/// Binds services so that their calls end when this manager stops, whatever they wait for: the local socket outlives the role, and nobody else
/// would end them there.
/// </summary>
internal sealed class StoppingBinder(ServiceBinderBase inner, CancellationToken stopping) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod<TRequest, TResponse>(method, handler is null ? null : (request, context) => UntilStopped(handler(request, context)));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod<TRequest, TResponse>(method, handler is null ? null : (requests, context) => UntilStopped(handler(requests, context)));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod<TRequest, TResponse>(method, handler is null ? null : (request, responses, context) => UntilStopped(handler(request, responses, context)));

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod<TRequest, TResponse>(method, handler is null ? null : (requests, responses, context) => UntilStopped(handler(requests, responses, context)));

    private async Task<T> UntilStopped<T>(Task<T> call)
    {
        await UntilStopped((Task)call);
        return await call;
    }

    private async Task UntilStopped(Task call)
    {
        try
        {
            await call.WaitAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !call.IsCompleted)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "this manager stops: try again, or another one"));
        }
    }
}
