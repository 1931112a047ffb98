using Cluster.Node.Lifecycle;
using Grpc.Core;

namespace Cluster.Node.Local;

/// <summary>
/// Offers a manager's services on the daemon's local socket for as long as the daemon runs, and hands each call to the manager role
/// that runs at that moment. Without one, a call is refused with what to do. Thread-safe.
/// </summary>
/// <param name="current">The services of the running manager role, or null.</param>
/// <param name="state">Why there is none.</param>
internal sealed class ManagerServiceGate(Func<IReadOnlyList<Action<ServiceBinderBase>>?> current, Func<LifecycleState> state)
{
    private volatile Bound? _bound;

    /// <summary>The same methods as the generated binding, each going through the gate.</summary>
    public ServerServiceDefinition Open(Action<ServiceBinderBase> bindWithoutImplementation)
    {
        ServerServiceDefinition.Builder builder = ServerServiceDefinition.CreateBuilder();
        bindWithoutImplementation(new GateBinder(this, builder));
        return builder.Build();
    }

    private THandler Handler<THandler>(IMethod method)
        where THandler : Delegate
    {
        IReadOnlyList<Action<ServiceBinderBase>> services = current()
            ?? throw new RpcException(new Status(StatusCode.FailedPrecondition, state() == LifecycleState.Locked
                ? "this node is locked: run 'cluster node unlock' here, or this command on another manager"
                : "this node is not a manager: run the command on one ('cluster node ls' there lists them)"));
        Bound? bound = _bound;
        if (bound is null || !ReferenceEquals(bound.Services, services)) _bound = bound = new Bound(services);
        return bound.Handlers.GetValueOrDefault(method.FullName) as THandler
            ?? throw new RpcException(new Status(StatusCode.Unimplemented, $"{method.FullName} is not served on the local socket"));
    }

    private sealed class Bound
    {
        public Bound(IReadOnlyList<Action<ServiceBinderBase>> services)
        {
            Services = services;
            HandlerTable table = new();
            foreach (Action<ServiceBinderBase> bind in services) bind(table);
            Handlers = table.Handlers;
        }

        public IReadOnlyList<Action<ServiceBinderBase>> Services { get; }

        public IReadOnlyDictionary<string, Delegate> Handlers { get; }
    }

    private sealed class HandlerTable : ServiceBinderBase
    {
        public Dictionary<string, Delegate> Handlers { get; } = new(StringComparer.Ordinal);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) => Add(method, handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) => Add(method, handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) => Add(method, handler);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) => Add(method, handler);

        private void Add(IMethod method, Delegate? handler)
        {
            if (handler is not null) Handlers[method.FullName] = handler;
        }
    }

    private sealed class GateBinder(ManagerServiceGate gate, ServerServiceDefinition.Builder builder) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            builder.AddMethod<TRequest, TResponse>(method, (request, context) => gate.Handler<UnaryServerMethod<TRequest, TResponse>>(method)(request, context));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            builder.AddMethod<TRequest, TResponse>(method, (request, responses, context) => gate.Handler<ServerStreamingServerMethod<TRequest, TResponse>>(method)(request, responses, context));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            builder.AddMethod<TRequest, TResponse>(method, (requests, context) => gate.Handler<ClientStreamingServerMethod<TRequest, TResponse>>(method)(requests, context));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            builder.AddMethod<TRequest, TResponse>(method, (requests, responses, context) => gate.Handler<DuplexStreamingServerMethod<TRequest, TResponse>>(method)(requests, responses, context));
    }
}
