using Cluster.Rpc.Wire;
using Grpc.Core;

namespace Cluster.Rpc.Client;

/// <summary>Starts calls on a channel. The host argument of generated code is always null and not used.</summary>
internal sealed class HttpCallInvoker(RpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        // On the pool, away from a synchronization context that the blocked thread would have to serve.
        Task<TResponse> response = Task.Run(() => Start(method, options, request, out _).ReadSingleAsync(), CancellationToken.None);
#pragma warning disable VSTHRD002 // blocking is what this method is for
        return response.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        ResponseReader<TResponse> reader = Start(method, options, request, out HttpCall call);
        return new AsyncUnaryCall<TResponse>(reader.ReadSingleAsync(), call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        ResponseReader<TResponse> reader = Start(method, options, request, out HttpCall call);
        return new AsyncServerStreamingCall<TResponse>(reader, call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        ResponseReader<TResponse> reader = Start(method, options, out HttpCall call, out RequestWriter<TRequest> writer);
        return new AsyncClientStreamingCall<TRequest, TResponse>(writer, reader.ReadSingleAsync(), call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        ResponseReader<TResponse> reader = Start(method, options, out HttpCall call, out RequestWriter<TRequest> writer);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(writer, reader, call);
    }

    private ResponseReader<TResponse> Start<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, TRequest request, out HttpCall call)
    {
        call = new HttpCall(channel, method, options);
        bool useGzip = channel.Options.CompressRequests && options.WriteOptions?.Flags.HasFlag(WriteFlags.NoCompress) != true;
        call.Start(new UnaryContent<TRequest>(channel.Options, method.RequestMarshaller, request, useGzip));
        return new ResponseReader<TResponse>(call, method.ResponseMarshaller);
    }

    private ResponseReader<TResponse> Start<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, out HttpCall call, out RequestWriter<TRequest> writer)
    {
        var content = new StreamingContent();
        call = new HttpCall(channel, method, options);
        call.Start(content);
        writer = new RequestWriter<TRequest>(call, content, method.RequestMarshaller);
        return new ResponseReader<TResponse>(call, method.ResponseMarshaller);
    }
}
