namespace Cluster.Rpc.Server.Calls;

/// <summary>Runs one method of a service for a call: reads what it needs, calls the implementation, writes the response.</summary>
internal abstract class MethodHandler
{
    /// <summary>May go on for as long as both sides want.</summary>
    public virtual bool IsStream => true;

    public abstract Task InvokeAsync(HttpServerCall call);
}
