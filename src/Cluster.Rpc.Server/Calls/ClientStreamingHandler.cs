using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

internal sealed class ClientStreamingHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse> implementation) : MethodHandler
    where TRequest : class
    where TResponse : class
{
    public override async Task InvokeAsync(HttpServerCall call) =>
        call.Write(method.ResponseMarshaller, await implementation(new RequestReader<TRequest>(call, method.RequestMarshaller), call));
}
