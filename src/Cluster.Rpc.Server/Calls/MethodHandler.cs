namespace Cluster.Rpc.Server.Calls;

/// <summary>Runs one method of a service for a call: reads what it needs, calls the implementation, writes the response.</summary>
internal abstract class MethodHandler
{
    public abstract Task InvokeAsync(HttpServerCall call);
}
