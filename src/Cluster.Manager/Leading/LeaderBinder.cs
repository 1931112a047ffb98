using Cluster.Manager.Security;
using Grpc.Core;

namespace Cluster.Manager.Leading;

/// <summary>Binds services so that <see cref="LeaderMethods"/> are answered by the leader, wherever they are called.</summary>
internal sealed class LeaderBinder(ServiceBinderBase inner, LeaderCalls leader, Authorizer authorizer) : ServiceBinderBase
{
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        if (handler is null || !LeaderMethods.Contains(method.FullName))
        {
            inner.AddMethod(method, handler);
            return;
        }

        inner.AddMethod<TRequest, TResponse>(method, (request, context) =>
        {
            Caller caller = authorizer.CallerOf(context);
            CallOptions options = new(ForwardedCaller.ToHeaders(caller), cancellationToken: context.CancellationToken);
            return leader.CallAsync(
                invoker => invoker.AsyncUnaryCall(method, null, options, request), _ => handler(request, context), mayForward: !caller.IsForwarded, context.CancellationToken);
        });
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) => inner.AddMethod(method, handler);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) => inner.AddMethod(method, handler);

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) => inner.AddMethod(method, handler);
}
