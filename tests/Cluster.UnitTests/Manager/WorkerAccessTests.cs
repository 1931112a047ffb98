using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Manager.Security;
using Cluster.Rpc;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>Calls every method of the protocol over mutual TLS with a worker's certificate: its own matters are served, the rest is refused.</summary>
public sealed class WorkerAccessTests
{
    private static readonly string[] LocalOnly = ["cluster.v1.LocalNode", "cluster.v1.Images"];

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    [Fact]
    public async Task A_workers_certificate_opens_its_own_methods_and_nothing_else()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using RpcChannel stranger = manager.Connect(null);
        IssueNodeCertificateResponse issued = await new CertificateAuthority.CertificateAuthorityClient(stranger).IssueNodeCertificateAsync(
            new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(key)), Token = manager.WorkerToken.Reveal() });
        X509Certificate2 certificate = RunningManager.CertificateOf(issued.CertificateChainDer[0].Span, key);
        await using RpcChannel channel = manager.Connect(certificate);

        List<string> served = [];
        foreach (MethodDescriptor method in Methods())
        {
            string name = $"/{method.Service.FullName}/{method.Name}";
            StatusCode status = await CallAsync(channel, method);
            if (status != StatusCode.PermissionDenied) served.Add(name);
            else Assert.True(AccessTable.Of(name) is Access.Reader or Access.Operator or Access.Manager or Access.Peer, $"{name} was refused");
        }

        Assert.Equal(
            [
                "/cluster.v1.CertificateAuthority/GetRootCertificate", "/cluster.v1.CertificateAuthority/IssueNodeCertificate", "/cluster.v1.Dispatcher/Session",
                "/cluster.v1.Health/Check", "/cluster.v1.LogRelay/Publish",
            ],
            served.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<MethodDescriptor> Methods()
    {
        FileDescriptor[] files =
        [
            ControlReflection.Descriptor, CaReflection.Descriptor, DispatcherReflection.Descriptor, LogsReflection.Descriptor, WatchReflection.Descriptor,
            HealthReflection.Descriptor, NodeReflection.Descriptor, ManagersReflection.Descriptor, RaftReflection.Descriptor,
        ];
        return files.SelectMany(file => file.Services).Where(service => !LocalOnly.Contains(service.FullName, StringComparer.Ordinal)).SelectMany(service => service.Methods);
    }

    /// <summary>With an empty message: what is let in fails later, or is served.</summary>
    private static async Task<StatusCode> CallAsync(RpcChannel channel, MethodDescriptor descriptor)
    {
        MethodType type = (descriptor.IsClientStreaming, descriptor.IsServerStreaming) switch
        {
            (true, true) => MethodType.DuplexStreaming,
            (true, false) => MethodType.ClientStreaming,
            (false, true) => MethodType.ServerStreaming,
            _ => MethodType.Unary,
        };
        Method<byte[], byte[]> method = new(type, descriptor.Service.FullName, descriptor.Name, Bytes, Bytes);
        CallInvoker invoker = channel.CreateCallInvoker();
        try
        {
            switch (type)
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

            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}
