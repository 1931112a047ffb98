using Cluster.Api.V1;
using Cluster.UnitTests.Cli.Fakes;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Cli;

public sealed class NodeCommandTests : IAsyncLifetime
{
    private const string Token = "SWMTKN-1-00000000000000000000000000000000000000000000000001-0000000000000000000000001";

    private FakeDaemon _daemon = null!;

    public async Task InitializeAsync()
    {
        _daemon = await FakeDaemon.StartAsync();
        _daemon.Control.Nodes.AddRange([Records.Node(Records.W1, "w1"), Records.Node(Records.M1, "m1", NodeRole.Manager, leader: true)]);
        _daemon.Node.NodeId = Records.M1;
    }

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task Lists_nodes_as_docker_does() => Assert.Equal(
        $"""
        ID                            HOSTNAME   STATUS    AVAILABILITY   MANAGER STATUS   ENGINE VERSION
        {Records.M1} *   m1         Ready     Active         Leader           0.1.0
        {Records.W1}     w1         Ready     Active                          0.1.0

        """,
        await _daemon.OkAsync("node", "ls"));

    [Fact]
    public async Task Lists_nodes_in_other_formats()
    {
        Assert.Equal("m1|Ready\nw1|Ready\n", await _daemon.OkAsync("node", "ls", "--format", "{{.Hostname}}|{{.Status}}"));
        Assert.Equal("HOSTNAME   SELF\nm1         true\nw1         false\n", await _daemon.OkAsync("node", "ls", "--format", "table {{.Hostname}}\\t{{.Self}}"));
        Assert.Equal($"{Records.M1}\n{Records.W1}\n", await _daemon.OkAsync("node", "ls", "-q"));
        Assert.Contains("\"Hostname\":\"w1\"", await _daemon.OkAsync("node", "ls", "--format", "json"), StringComparison.Ordinal);
        Assert.Contains("there is no field 'Nope'; fields are ID, Self", await _daemon.FailAsync("node", "ls", "--format", "{{.Nope}}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("role=worker", "w1\n")]
    [InlineData("role=manager", "m1\n")]
    [InlineData("name=w", "w1\n")]
    [InlineData("id=0000000000000000000000m1", "m1\n")]
    [InlineData("node.label=disk=ssd", "m1\nw1\n")]
    [InlineData("node.label=disk=hdd", "")]
    [InlineData("label=absent", "")]
    [InlineData("membership=accepted", "m1\nw1\n")]
    public async Task Filters_nodes(string filter, string hosts) => Assert.Equal(hosts, await _daemon.OkAsync("node", "ls", "--filter", filter, "--format", "{{.Hostname}}"));

    [Theory]
    [InlineData("colour=red", "'colour' is not known; keys are id, name")]
    [InlineData("name", "is not key=value")]
    [InlineData("role=boss", "allowed are worker, manager")]
    public async Task Refuses_unknown_filters(string filter, string error) =>
        Assert.Contains(error, await _daemon.FailAsync("node", "ls", "--filter", filter), StringComparison.Ordinal);

    [Fact]
    public async Task Initialises_with_what_the_flags_say()
    {
        string output = await _daemon.OkAsync("node", "init", "--advertise-addr", "192.0.2.1", "--availability", "drain", "--cert-expiry", "48h", "--task-history-limit", "0");
        Assert.Contains("    cluster node join --token WORKER-TOKEN 192.0.2.1:2377\n", output, StringComparison.Ordinal);
        InitRequest request = _daemon.Node.Initialised!;
        Assert.Equal(("192.0.2.1", NodeAvailability.Drain, TimeSpan.FromHours(48).Ticks), (request.AdvertiseAddress, request.Availability, request.Spec.CertificateExpiryTicks));
        Assert.True(request.Spec.HasTaskHistoryLimit);
        Assert.Contains("--data-path-port is not built yet", await _daemon.FailAsync("node", "init", "--data-path-port", "1"), StringComparison.Ordinal);
        Assert.Contains("not a duration", await _daemon.FailAsync("node", "init", "--cert-expiry", "x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Joins_with_ports_filled_in()
    {
        Assert.Equal("This node (node-2) joined the cluster as a worker.\n", await _daemon.OkAsync("node", "join", "--token", Token, "192.0.2.1", "[2001:db8::1]:99", "2001:db8::2"));
        Assert.Equal(["192.0.2.1:2377", "[2001:db8::1]:99", "[2001:db8::2]:2377"], _daemon.Node.Joined!.Managers);
        Assert.Contains("not a join token", await _daemon.FailAsync("node", "join", "--token", "x", "192.0.2.1"), StringComparison.Ordinal);
        Assert.Contains("--token", await _daemon.FailAsync("node", "join", "192.0.2.1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_join_tokens()
    {
        Assert.Equal("WORKER-TOKEN\n", await _daemon.OkAsync("node", "join-token", "worker", "-q"));
        Assert.Contains("cluster node join --token MANAGER-TOKEN 192.0.2.1:2377", await _daemon.OkAsync("node", "join-token", "manager"), StringComparison.Ordinal);
        Assert.Contains("allowed are worker and manager", await _daemon.FailAsync("node", "join-token", "boss"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_and_says_what_the_daemon_refuses()
    {
        Assert.Equal("cluster: this is the last manager: use --force\n", await _daemon.FailAsync("node", "leave"));
        Assert.Equal("This node left the cluster.\n", await _daemon.OkAsync("node", "leave", "--force"));
    }

    [Fact]
    public async Task Updates_labels_and_availability_and_tries_again_on_a_newer_version()
    {
        _daemon.Control.FailNext(StatusCode.Aborted);
        Assert.Equal("w1\n", await _daemon.OkAsync("node", "update", "--availability", "drain", "--label-add", "zone=a", "--label-rm", "disk", "w1"));
        UpdateNodeRequest request = Assert.IsType<UpdateNodeRequest>(_daemon.Control.Changes[^1]);
        Assert.Equal((Records.W1, 4UL, NodeAvailability.Drain, "a"), (request.NodeId, request.Version, request.Spec.Availability, request.Spec.Labels["zone"]));
        Assert.False(request.Spec.Labels.ContainsKey("disk"));
        Assert.Equal(25, request.RequestId.Length);
        Assert.Contains("no label 'absent'", await _daemon.FailAsync("node", "update", "--label-rm", "absent", "w1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Updates_settings_of_the_cluster_and_tries_again_on_a_newer_version()
    {
        _daemon.Control.FailNext(StatusCode.Aborted);
        Assert.Equal("Cluster updated.\n", await _daemon.OkAsync("node", "update", "--cert-expiry", "48h", "--task-history-limit", "0"));
        UpdateClusterRequest request = Assert.IsType<UpdateClusterRequest>(_daemon.Control.Changes[^1]);
        Assert.Equal((3UL, TimeSpan.FromHours(48).Ticks, 0), (request.Version, request.Spec.CertificateExpiryTicks, request.Spec.TaskHistoryLimit));
        Assert.Equal((TimeSpan.FromSeconds(5).Ticks, TimeSpan.FromDays(1).Ticks), (request.Spec.HeartbeatPeriodTicks, request.Spec.OrphanAfterTicks));
    }

    [Theory]
    [InlineData("--cert-expiry is a setting of the whole cluster, not of node w1", "--cert-expiry", "48h", "w1")]
    [InlineData("--availability is about one node", "--availability", "drain")]
    [InlineData("nothing is to be changed")]
    [InlineData("--dispatcher-heartbeat: 0s is not more than nothing", "--dispatcher-heartbeat", "0s")]
    public async Task Refuses_to_mix_a_node_and_the_cluster(string error, params string[] flags)
    {
        Assert.Contains(error, await _daemon.FailAsync(["node", "update", .. flags]), StringComparison.Ordinal);
        Assert.Empty(_daemon.Control.Changes);
    }

    [Fact]
    public async Task Switches_autolock_on_and_off_and_shows_the_key_to_keep()
    {
        Assert.Contains("    SWMKEY-1-KEY1\n", await _daemon.OkAsync("node", "init", "--autolock"), StringComparison.Ordinal);
        Assert.True(_daemon.Node.Initialised!.Spec.Autolock);
        Assert.Contains("    SWMKEY-1-KEY1\n", await _daemon.OkAsync("node", "update", "--autolock=true"), StringComparison.Ordinal);
        Assert.True(Assert.IsType<UpdateClusterRequest>(_daemon.Control.Changes[^1]).Spec.Autolock);
        _daemon.Control.Cluster.Spec.Autolock = true;
        Assert.Equal("Cluster updated.\n", await _daemon.OkAsync("node", "update", "--task-history-limit", "1"));
        Assert.True(Assert.IsType<UpdateClusterRequest>(_daemon.Control.Changes[^1]).Spec.Autolock);
        Assert.Equal("Cluster updated.\n", await _daemon.OkAsync("node", "update", "--autolock=false"));
        Assert.False(Assert.IsType<UpdateClusterRequest>(_daemon.Control.Changes[^1]).Spec.Autolock);
        Assert.Contains("--autolock is a setting of the whole cluster", await _daemon.FailAsync("node", "update", "--autolock=true", "w1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_and_rotates_the_unlock_key()
    {
        Assert.Equal("SWMKEY-1-KEY1\n", await _daemon.OkAsync("node", "unlock-key", "-q"));
        Assert.Contains("    SWMKEY-1-KEY1\n", await _daemon.OkAsync("node", "unlock-key"), StringComparison.Ordinal);
        string rotated = await _daemon.OkAsync("node", "unlock-key", "--rotate");
        Assert.Contains("unlocked with the one of before", rotated, StringComparison.Ordinal);
        Assert.Contains("    SWMKEY-1-KEY2\n", rotated, StringComparison.Ordinal);
        Assert.Equal(25, Assert.IsType<RotateUnlockKeyRequest>(_daemon.Control.Changes[^1]).RequestId.Length);
    }

    [Fact]
    public async Task Unlocks_with_what_is_typed_in()
    {
        Assert.Equal("cluster: this node is not locked\n", await _daemon.FailAsync("node", "unlock"));
        _daemon.Node.State = LocalNodeState.Locked;
        Assert.Equal("locked\n", await _daemon.OkAsync("info", "--format", "{{.LocalNodeState}}"));
        Assert.Equal("cluster: the unlock key is expected on standard input\n", await _daemon.FailAsync("node", "unlock"));
        _daemon.Secret = " SWMKEY-1-KEY1 ";
        Assert.Equal("This node is unlocked.\n", await _daemon.OkAsync("node", "unlock"));
        Assert.Equal("SWMKEY-1-KEY1", _daemon.Node.Unlocked!.UnlockKey);
        Assert.Contains("unlock", await _daemon.FailAsync("node", "unlock", "SWMKEY-1-KEY1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removes_nodes()
    {
        Assert.Equal("w1\n", await _daemon.OkAsync("node", "rm", "-f", "w1"));
        RemoveNodeRequest request = Assert.IsType<RemoveNodeRequest>(_daemon.Control.Changes[^1]);
        Assert.Equal((Records.W1, true), (request.NodeId, request.Force));
        Assert.Equal("cluster: no node 'w9'\n", await _daemon.FailAsync("node", "rm", "w9"));
    }

    [Fact]
    public async Task Inspects_nodes()
    {
        Assert.Equal("m1 true amd64 ssd\n", await _daemon.OkAsync("node", "inspect", "m1", "-f", "{{.Description.Hostname}} {{.ManagerStatus.Leader}} {{.Description.Platform.Architecture}} {{index .Spec.Labels \"disk\"}}"));
        Assert.StartsWith("[\n", await _daemon.OkAsync("node", "inspect", "m1"), StringComparison.Ordinal);
        Assert.Contains(" Hostname:\tm1\n", await _daemon.OkAsync("node", "inspect", "--pretty", "m1"), StringComparison.Ordinal);
    }
}
