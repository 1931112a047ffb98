using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

internal sealed class ServerStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse> implementation) : MethodHandler
    where TRequest : class
    where TResponse : class
{
    public override async Task InvokeAsync(HttpServerCall call)
    {
        TRequest request = await call.ReadSingleAsync(method.RequestMarshaller);
        await implementation(request, new ResponseWriter<TResponse>(call, method.ResponseMarshaller), call);
    }
}
