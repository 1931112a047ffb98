using Cluster.Api.Codec;
using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class FeatureLevelTests
{
    private readonly ControlScene _scene = new();

    [Fact]
    public void Rises_when_the_last_manager_can_read_it()
    {
        NodeId first = Manager("m1", 1, level: 1);
        NodeId second = Manager("m2", 2, level: 3);
        _scene.Settle();
        Assert.Equal(1, Level);

        Announce(first, 1, 2);
        _scene.Settle();
        Assert.Equal(2, Level);

        Announce(first, 1, 4);
        Announce(second, 2, 4);
        _scene.Settle();
        Assert.Equal(4, Level);
        Assert.False(_scene.Pass());
    }

    [Fact]
    public void Waits_for_a_manager_that_has_not_said_what_it_reads()
    {
        Manager("m1", 1, level: 2);
        NodeId second = _scene.AddNode("m2");
        Promote(second);
        _scene.Settle();
        Assert.Equal(1, Level);

        Announce(second, 2, 2);
        _scene.Settle();
        Assert.Equal(2, Level);
    }

    [Fact]
    public void Does_not_wait_for_workers()
    {
        Manager("m1", 1, level: 2);
        _scene.AddNode("w1");
        _scene.Settle();
        Assert.Equal(2, Level);
    }

    [Fact]
    public void A_manager_that_cannot_read_the_state_is_refused_with_both_numbers()
    {
        NodeId first = Manager("m1", 1, level: 3);
        _scene.Settle();
        Result<NodeRecord> result = default;
        _scene.Change(t => result = ManagerCommands.Announce(t, first, t.Incarnation, new ManagerInfo(1, "10.0.0.1:2377", 2)));
        Assert.Equal(RefusalKind.FailedPrecondition, result.Refusal?.Kind);
        Assert.Contains("up to level 2", result.Refusal!.Message, StringComparison.Ordinal);
        Assert.Contains("at level 3", result.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_build_does_not_read_newer_state()
    {
        ClusterRecord newer = _scene.State.Cluster! with { FeatureLevel = FeatureLevels.Supported + 1 };
        FeatureLevelException refusal = Assert.Throws<FeatureLevelException>(() => newer.ToStorageProto().ToModel());
        Assert.Contains($"at feature level {FeatureLevels.Supported + 1}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"up to level {FeatureLevels.Supported}", refusal.Message, StringComparison.Ordinal);
    }

    private int Level => _scene.State.Cluster!.FeatureLevel;

    private NodeId Manager(string name, ulong member, int level)
    {
        NodeId id = _scene.AddNode(name);
        Promote(id);
        Announce(id, member, level);
        return id;
    }

    private void Promote(NodeId id) => _scene.Change(t =>
    {
        NodeRecord node = t.GetNode(id)!;
        t.Put(node with { Spec = node.Spec with { Role = NodeRole.Manager } });
    });

    private void Announce(NodeId id, ulong member, int level) => _scene.Do(t => ManagerCommands.Announce(t, id, t.Incarnation, new ManagerInfo(member, $"10.0.0.{member}:2377", level)));
}
