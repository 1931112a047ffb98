using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Grpc.Core;
using Xunit;
using ControlClient = Cluster.Api.V1.Control.ControlClient;
using ManagersClient = Cluster.Api.V1.Managers.ManagersClient;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>Changes of who takes part that would cost the quorum, or are another's, over real TLS: refused, and everybody is what they were.</summary>
public sealed class QuorumRefusalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private ulong _requests;

    [Fact]
    public async Task Keeps_a_cluster_its_last_manager()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        await using RpcChannel channel = manager.Connect(manager.ManagerCertificate);
        await SaysAsync(StatusCode.FailedPrecondition, "is the last manager of the cluster", () => DemoteAsync(channel, manager));
        await SaysAsync(StatusCode.FailedPrecondition, "demote", () => RemoveAsync(channel, manager.Node.Id.ToString()));
        await SaysAsync(StatusCode.NotFound, "no such node", () => RemoveAsync(channel, new NodeId(4711).ToString()));
        await SaysAsync(StatusCode.InvalidArgument, "node_id: 'm1' is not an id", () => RemoveAsync(channel, "m1"));
        Assert.Single(await manager.NodesAsync(), node => node.Leader && node.Spec.Role == NodeRole.Manager);
    }

    [Fact]
    public async Task Takes_no_manager_away_that_is_needed_while_another_is_down()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        await using RunningManager third = await first.AddAsync();
        await third.StopAsync();
        await using RpcChannel channel = first.Connect(first.ManagerCertificate);
        await UntilAsync(async () => (await new ManagersClient(channel).DescribeManagerAsync(new DescribeManagerRequest())).Members.Any(member => member.Id == third.RaftMemberId && !member.Active));

        await SaysAsync(StatusCode.FailedPrecondition, "too few of the managers would be reachable for a quorum: bring one of the others back first", () => DemoteAsync(channel, second));
        Assert.Equal(3, (await first.NodesAsync()).Count(node => node.Spec.Role == NodeRole.Manager));
        await DemoteAsync(channel, third);
        Assert.Equal(2, (await second.NodesAsync()).Count(node => node.Spec.Role == NodeRole.Manager));
    }

    [Fact]
    public async Task Lets_no_manager_announce_what_it_is_not()
    {
        await using RunningManager first = await RunningManager.StartAsync();
        await using RunningManager second = await first.AddAsync();
        await using RpcChannel channel = first.Connect(second.ManagerCertificate);
        string[] before = [.. (await first.NodesAsync()).Select(node => $"{node.Id} {node.Manager}")];
        await SaysAsync(StatusCode.InvalidArgument, "0 is no member", () => AnnounceAsync(channel, 0, second.Address.ToString()));
        await SaysAsync(StatusCode.InvalidArgument, "'nowhere' is not host:port", () => AnnounceAsync(channel, second.RaftMemberId, "nowhere"));
        await SaysAsync(StatusCode.InvalidArgument, "'a b:c' is not host:port", () => AnnounceAsync(channel, second.RaftMemberId, "a b:c"));
        await SaysAsync(StatusCode.InvalidArgument, "is not host:port", () => AnnounceAsync(channel, second.RaftMemberId, new string('x', 300) + ":1"));
        await SaysAsync(StatusCode.FailedPrecondition, $"is node {first.Node.Id}", () => AnnounceAsync(channel, first.RaftMemberId, second.Address.ToString()));
        await SaysAsync(StatusCode.FailedPrecondition, "of incarnation 2 of the cluster, which is in incarnation 1", () => AnnounceAsync(channel, second.RaftMemberId, second.Address.ToString(), incarnation: 2));
        Assert.Equal(before, (await first.NodesAsync()).Select(node => $"{node.Id} {node.Manager}"));
    }

    private async Task DemoteAsync(RpcChannel channel, RunningManager manager)
    {
        Cluster.Api.V1.Node node = (await new ControlClient(channel).GetNodeAsync(new GetNodeRequest { Node = manager.Node.Id.ToString() })).Node;
        node.Spec.Role = NodeRole.Worker;
        await new ControlClient(channel).UpdateNodeAsync(new UpdateNodeRequest { RequestId = Base36.Format(++_requests), NodeId = node.Id, Version = node.Meta.Version, Spec = node.Spec });
    }

    private async Task RemoveAsync(RpcChannel channel, string node) =>
        await new ControlClient(channel).RemoveNodeAsync(new RemoveNodeRequest { RequestId = Base36.Format(++_requests), NodeId = node, Force = true });

    private static async Task AnnounceAsync(RpcChannel channel, ulong member, string address, ulong incarnation = 1) =>
        await new ManagersClient(channel).AnnounceAsync(new AnnounceRequest { RaftMemberId = member, Address = address, FeatureLevel = 1, Incarnation = incarnation });

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using CancellationTokenSource patience = new(Patience, TimeProvider.System);
        while (!await holds()) patience.Token.ThrowIfCancellationRequested();
    }

    private static async Task SaysAsync(StatusCode code, string sentence, Func<Task> call)
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((sentence, code), (sentence, refusal.StatusCode));
        Assert.Contains(sentence, refusal.Status.Detail, StringComparison.Ordinal);
    }
}
