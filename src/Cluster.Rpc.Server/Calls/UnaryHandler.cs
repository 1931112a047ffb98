using Grpc.Core;

namespace Cluster.Rpc.Server.Calls;

internal sealed class UnaryHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> implementation) : MethodHandler
    where TRequest : class
    where TResponse : class
{
    public override bool IsStream => false;

    public override async Task InvokeAsync(HttpServerCall call)
    {
        TRequest request = await call.ReadSingleAsync(method.RequestMarshaller);
        call.Write(method.ResponseMarshaller, await implementation(request, call));
    }
}
