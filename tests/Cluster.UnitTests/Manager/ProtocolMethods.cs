using System.Reflection;
using Cluster.Api.V1;
using Cluster.Rpc;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>Every method of the protocol, whatever file and service it is in, and a call of it with an empty message.</summary>
internal static class ProtocolMethods
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    /// <summary>Of all files that are generated into the API, so that none can be forgotten.</summary>
    public static IReadOnlyList<MethodDescriptor> All { get; } =
    [
        .. typeof(ControlReflection).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(ControlReflection).Namespace && type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(type => (FileDescriptor)type.GetProperty(nameof(ControlReflection.Descriptor), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!)
            .SelectMany(file => file.Services).SelectMany(service => service.Methods).OrderBy(NameOf, StringComparer.Ordinal),
    ];

    public static string NameOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";

    /// <summary>What is let in fails later, or is served; of a stream only the beginning is waited for.</summary>
    public static async Task<Status> CallAsync(RpcChannel channel, MethodDescriptor descriptor)
    {
        MethodType type = (descriptor.IsClientStreaming, descriptor.IsServerStreaming) switch
        {
            (true, true) => MethodType.DuplexStreaming,
            (true, false) => MethodType.ClientStreaming,
            (false, true) => MethodType.ServerStreaming,
            _ => MethodType.Unary,
        };
        try
        {
            await CallAsync(channel.CreateCallInvoker(), new Method<byte[], byte[]>(type, descriptor.Service.FullName, descriptor.Name, Bytes, Bytes));
            return Status.DefaultSuccess;
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }

    /// <summary>A call whose request never comes to its end, of whichever method.</summary>
    public static AsyncClientStreamingCall<byte[], byte[]> Begin(RpcChannel channel, string service, string method) =>
        channel.CreateCallInvoker().AsyncClientStreamingCall(new Method<byte[], byte[]>(MethodType.ClientStreaming, service, method, Bytes, Bytes), null, default);

    private static async Task CallAsync(CallInvoker invoker, Method<byte[], byte[]> method)
    {
        switch (method.Type)
        {
            case MethodType.Unary:
                await invoker.AsyncUnaryCall(method, null, default, []);
                break;
            case MethodType.ServerStreaming:
                using (AsyncServerStreamingCall<byte[]> call = invoker.AsyncServerStreamingCall(method, null, default, [])) await call.ResponseStream.MoveNext(CancellationToken.None);
                break;
            case MethodType.ClientStreaming:
                using (AsyncClientStreamingCall<byte[], byte[]> call = invoker.AsyncClientStreamingCall(method, null, default))
                {
                    await call.RequestStream.CompleteAsync();
                    await call;
                }

                break;
            default:
                using (AsyncDuplexStreamingCall<byte[], byte[]> call = invoker.AsyncDuplexStreamingCall(method, null, default))
                {
                    await call.RequestStream.CompleteAsync();
                    await call.ResponseStream.MoveNext(CancellationToken.None);
                }

                break;
        }
    }
}
