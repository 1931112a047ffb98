using System.Security.Cryptography;
using Cluster.Api.V1;
using Cluster.Manager.Peers;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Cluster.UnitTests.Manager.Peers;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using ControlClient = Cluster.Api.V1.Control.ControlClient;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>What goes on when it is not allowed any more is cut, without another word from either side.</summary>
public sealed class CutStreamTests
{
    [Fact]
    public async Task Cuts_what_a_demoted_manager_watches_and_its_stream_of_the_managers_group()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        await using RunningManager third = await first.AddAsync();
        await using RpcChannel channel = first.Connect(third.ManagerCertificate);
        using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(channel).Watch(new WatchRequest { Kinds = { WatchKind.Service } });
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        await using RawPeer peer = await RawPeer.OpenAsync(first.Address.Port, third.Shown);
        Assert.True((await peer.AskAsync(HeaderOf(third, first))).Accepted);

        await using RpcChannel admin = second.Connect(second.ManagerCertificate);
        global::Cluster.Api.V1.Node node = (await new ControlClient(admin).GetNodeAsync(new GetNodeRequest { Node = third.Node.Id.ToString() })).Node;
        node.Spec.Role = NodeRole.Worker;
        await new ControlClient(admin).UpdateNodeAsync(new UpdateNodeRequest { RequestId = Base36.Format(1), NodeId = node.Id, Version = node.Meta.Version, Spec = node.Spec });

        RpcException cut = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        });
        Assert.Equal(StatusCode.PermissionDenied, cut.StatusCode);
        Assert.Contains("is a worker", cut.Status.Detail, StringComparison.Ordinal);

        // Out of the group, it is not heard any more, and not let in again.
        Assert.Null(await PeerStreams.ReadFrameAsync(peer.Stream, StreamAnswer.Parser, CancellationToken.None));
        await using RawPeer again = await RawPeer.OpenAsync(first.Address.Port, third.Shown);
        StreamAnswer answer = await again.AskAsync(HeaderOf(third, first));
        Assert.False(answer.Accepted);
    }

    [Fact]
    public async Task Cuts_a_removed_workers_session_and_what_it_publishes()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using RpcChannel stranger = manager.Connect(null);
        IssueNodeCertificateResponse issued = await new CertificateAuthority.CertificateAuthorityClient(stranger).IssueNodeCertificateAsync(
            new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(key)), Token = manager.WorkerToken.Reveal() });
        await using RpcChannel channel = manager.Connect(RunningManager.CertificateOf(issued.CertificateChainDer[0].Span, key));
        using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session = new Dispatcher.DispatcherClient(channel).Session();
        await session.RequestStream.WriteAsync(new AgentMessage { Hello = new Hello { Description = new NodeDescription() } });
        Assert.True(await session.ResponseStream.MoveNext(CancellationToken.None));
        using AsyncClientStreamingCall<LogPublication, LogPublicationResult> logs = new LogRelay.LogRelayClient(channel).Publish();

        await using RpcChannel admin = manager.Connect(manager.ManagerCertificate);
        await new ControlClient(admin).RemoveNodeAsync(new RemoveNodeRequest { RequestId = Base36.Format(2), NodeId = issued.NodeId, Force = true });

        await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await session.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        });
        RpcException cut = await Assert.ThrowsAsync<RpcException>(async () => await logs.ResponseAsync);
        Assert.Equal(StatusCode.PermissionDenied, cut.StatusCode);
        Assert.Contains("not (any more) part of this cluster", cut.Status.Detail, StringComparison.Ordinal);
    }

    private static PeerHeader HeaderOf(RunningManager from, RunningManager to) => new()
    {
        ProtocolVersion = PeerHeaders.ProtocolVersion,
        ClusterId = from.Cluster.Id.ToString(),
        Incarnation = 1,
        From = from.RaftMemberId,
        To = to.RaftMemberId,
        Address = from.Address.ToString(),
    };
}
