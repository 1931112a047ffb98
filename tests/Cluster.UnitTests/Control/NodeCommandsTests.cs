using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class NodeCommandsTests
{
    private readonly ControlScene _scene = new();

    [Fact]
    public void Removes_only_workers_that_are_down_unless_forced()
    {
        NodeId manager = _scene.AddNode("m", role: NodeRole.Manager);
        NodeId worker = _scene.AddNode("w");
        Assert.Equal(RefusalKind.FailedPrecondition, Remove(worker, false)?.Kind);
        Assert.Equal(RefusalKind.FailedPrecondition, Remove(manager, true)?.Kind);
        Assert.Null(Remove(worker, true));
        Assert.Equal(RefusalKind.NotFound, Remove(worker, true)?.Kind);
    }

    [Fact]
    public void Refuses_a_change_of_an_old_version()
    {
        NodeId id = _scene.AddNode();
        NodeRecord node = _scene.State.GetNode(id)!;
        _scene.Change(t =>
        {
            Assert.Equal(RefusalKind.OutOfSequence, NodeCommands.Update(t, id, node.Meta.Version - 1, node.Spec).Refusal?.Kind);
            Assert.True(t.IsEmpty);
        });
        NodeRecord drained = _scene.Do(t => NodeCommands.Update(t, id, node.Meta.Version, node.Spec with { Availability = NodeAvailability.Drain }));
        Assert.Equal(NodeAvailability.Drain, drained.Spec.Availability);
    }

    [Fact]
    public void Demotes_a_manager_only_while_another_one_stays()
    {
        NodeId first = _scene.AddNode("m1", role: NodeRole.Manager);
        NodeId second = _scene.AddNode("m2");
        _scene.Do(t => ManagerCommands.Announce(t, first, t.Incarnation, new ManagerInfo(1, "10.0.0.1:2377")));
        Assert.Equal(RefusalKind.FailedPrecondition, SetRole(first, NodeRole.Worker).Refusal?.Kind);

        Assert.True(SetRole(second, NodeRole.Manager).IsOk);
        Assert.Equal(RefusalKind.FailedPrecondition, SetRole(first, NodeRole.Worker).Refusal?.Kind);
        _scene.Do(t => ManagerCommands.Announce(t, second, t.Incarnation, new ManagerInfo(2, "10.0.0.2:2377")));

        Assert.True(SetRole(first, NodeRole.Worker).IsOk);
        Assert.Equal(NodeRole.Manager, ManagerCommands.RoleOf(_scene.State.GetNode(first)!));
        Assert.Equal(RefusalKind.FailedPrecondition, SetRole(first, NodeRole.Manager).Refusal?.Kind);
        _scene.Change(t => ManagerCommands.Release(t, first, 1));
        Assert.Equal(NodeRole.Worker, ManagerCommands.RoleOf(_scene.State.GetNode(first)!));
    }

    [Theory]
    [InlineData(0, "10.0.0.1:2377", RefusalKind.Invalid)]
    [InlineData(5, "nowhere", RefusalKind.Invalid)]
    [InlineData(1, "10.0.0.2:2377", RefusalKind.FailedPrecondition)]
    public void Refuses_an_announcement_that_cannot_be(ulong member, string address, RefusalKind kind)
    {
        NodeId first = _scene.AddNode("m1", role: NodeRole.Manager);
        NodeId second = _scene.AddNode("m2", role: NodeRole.Manager);
        _scene.Do(t => ManagerCommands.Announce(t, first, t.Incarnation, new ManagerInfo(1, "10.0.0.1:2377")));
        Result<NodeRecord> result = default!;
        _scene.Change(t => result = ManagerCommands.Announce(t, second, t.Incarnation, new ManagerInfo(member, address)));
        Assert.Equal(kind, result.Refusal?.Kind);
    }

    [Fact]
    public void Refuses_an_announcement_of_a_worker()
    {
        NodeId worker = _scene.AddNode("w");
        Result<NodeRecord> result = default!;
        _scene.Change(t => result = ManagerCommands.Announce(t, worker, t.Incarnation, new ManagerInfo(1, "10.0.0.1:2377")));
        Assert.Contains("promote", result.Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Finds_by_host_name_and_says_when_it_is_ambiguous()
    {
        NodeId first = _scene.AddNode("one");
        _scene.AddNode("two");
        _scene.AddNode("two");
        Assert.Equal(first, Lookup.Node(_scene.State, "one", default).Value.Id);
        Assert.Equal(first, Lookup.Node(_scene.State, "self", first).Value.Id);
        Assert.Contains("ambiguous", Lookup.Node(_scene.State, "two", default).Refusal!.Message, StringComparison.Ordinal);
    }

    private Refusal? Remove(NodeId id, bool force)
    {
        Refusal? refusal = null;
        _scene.Change(t => refusal = NodeCommands.Remove(t, id, force).Refusal);
        return refusal;
    }

    private Result<NodeRecord> SetRole(NodeId id, NodeRole role)
    {
        NodeRecord node = _scene.State.GetNode(id)!;
        Result<NodeRecord> result = default!;
        _scene.Change(t => result = NodeCommands.Update(t, id, node.Meta.Version, node.Spec with { Role = role }));
        return result;
    }
}
