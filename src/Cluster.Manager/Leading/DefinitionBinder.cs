using Grpc.Core;

namespace Cluster.Manager.Leading;

/// <summary>Collects what is bound into a definition that a server takes.</summary>
internal sealed class DefinitionBinder : ServiceBinderBase
{
    private readonly ServerServiceDefinition.Builder _builder = ServerServiceDefinition.CreateBuilder();

    public static ServerServiceDefinition Collect(IEnumerable<Action<ServiceBinderBase>> services)
    {
        DefinitionBinder binder = new();
        foreach (Action<ServiceBinderBase> bind in services) bind(binder);
        return binder._builder.Build();
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        if (handler is not null) _builder.AddMethod(method, handler);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        if (handler is not null) _builder.AddMethod(method, handler);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        if (handler is not null) _builder.AddMethod(method, handler);
    }

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        if (handler is not null) _builder.AddMethod(method, handler);
    }
}
