using System.Collections.Frozen;
using Cluster.Rpc.Wire;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Cluster.Rpc.Server.Calls;

/// <summary>Finds the handler of a request, asks whether the peer may call it, and runs it. Called on any thread.</summary>
internal sealed class RpcDispatcher(RpcServerOptions options, OpenCalls open, CancellationToken stopToken)
{
    private readonly FrozenDictionary<string, MethodHandler> _handlers = MethodTable.Bind(options.Services);
    private readonly CallQuota _quota = new(options);
    private int _activeCalls;

    public async Task HandleAsync(HttpContext http)
    {
        if (RefuseForeign(http.Request) is { } httpStatus)
        {
            http.Response.StatusCode = httpStatus;
            return;
        }
        string method = http.Request.Path.Value ?? "";
        var call = new HttpServerCall(http, options, method, stopToken);
        int active = Interlocked.Increment(ref _activeCalls);
        try
        {
            if (stopToken.IsCancellationRequested)
                call.Finish(new Status(StatusCode.Unavailable, "The server is stopping."));
            else if (active > options.MaxConcurrentCalls)
                call.Finish(new Status(StatusCode.ResourceExhausted, "The server has too many calls; try again later."));
            else if (!_handlers.TryGetValue(method, out MethodHandler? handler))
                call.Finish(new Status(StatusCode.Unimplemented, $"The server has no method {method}."));
            else
                await RunAsync(method, call, handler);
        }
        finally
        {
            Interlocked.Decrement(ref _activeCalls);
        }
    }

    private async Task RunWithinQuotaAsync(HttpServerCall call, MethodHandler handler)
    {
        if (options.IdentityOf?.Invoke(call.RpcPeer) is not { } identity)
        {
            await call.RunAsync(handler);
            return;
        }

        Status entry = _quota.Enter(identity, handler.IsStream);
        if (entry.StatusCode != StatusCode.OK)
        {
            call.Finish(entry);
            return;
        }

        try
        {
            await call.RunAsync(handler);
        }
        finally
        {
            _quota.Leave(identity, handler.IsStream);
        }
    }

    /// <summary>What is not gRPC gets an HTTP status (gRPC over HTTP2, "Requests").</summary>
    private static int? RefuseForeign(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method)) return StatusCodes.Status405MethodNotAllowed;
        return WireHeaders.IsGrpc(request.ContentType) ? null : StatusCodes.Status415UnsupportedMediaType;
    }

    /// <summary>Open before it is judged, so that no change of mind falls in between.</summary>
    private async Task RunAsync(string method, HttpServerCall call, MethodHandler handler)
    {
        open.Add(call);
        try
        {
            if (open.Judge(method, call.RpcPeer) is { StatusCode: not StatusCode.OK } refusal) call.Finish(refusal);
            else await RunWithinQuotaAsync(call, handler);
        }
        finally
        {
            open.Remove(call);
        }
    }
}
