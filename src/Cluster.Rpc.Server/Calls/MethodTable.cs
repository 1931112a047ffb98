using System.Collections.Frozen;
using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

/// <summary>Collects the handlers of the bound services by full name. Two services with the same method are a mistake and refused.</summary>
internal sealed class MethodTable : ServiceBinderBase
{
    private readonly Dictionary<string, MethodHandler> _handlers = new(StringComparer.Ordinal);

    private MethodTable()
    {
    }

    public static FrozenDictionary<string, MethodHandler> Bind(IEnumerable<ServerServiceDefinition> services)
    {
        var table = new MethodTable();
        foreach (ServerServiceDefinition service in services) service.BindService(table);
        return table._handlers.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        Add(method, handler is null ? null : new UnaryHandler<TRequest, TResponse>(method, handler));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add(method, handler is null ? null : new ClientStreamingHandler<TRequest, TResponse>(method, handler));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add(method, handler is null ? null : new ServerStreamingHandler<TRequest, TResponse>(method, handler));

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
        Add(method, handler is null ? null : new DuplexStreamingHandler<TRequest, TResponse>(method, handler));

    private void Add(IMethod method, MethodHandler? handler)
    {
        if (handler is null) return;
        if (!_handlers.TryAdd(method.FullName, handler))
            throw new ArgumentException($"The method {method.FullName} is bound twice.");
    }
}
