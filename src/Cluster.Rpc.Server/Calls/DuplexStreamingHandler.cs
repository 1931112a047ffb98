using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

internal sealed class DuplexStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse> implementation) : MethodHandler
    where TRequest : class
    where TResponse : class
{
    public override Task InvokeAsync(HttpServerCall call) => implementation(
        new RequestReader<TRequest>(call, method.RequestMarshaller), new ResponseWriter<TResponse>(call, method.ResponseMarshaller), call);
}
