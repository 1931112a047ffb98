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
    public void Refuses_a_change_of_role_and_of_an_old_version()
    {
        NodeId id = _scene.AddNode();
        NodeRecord node = _scene.State.GetNode(id)!;
        _scene.Change(t =>
        {
            Assert.Equal(RefusalKind.Unsupported, NodeCommands.Update(t, id, node.Meta.Version, node.Spec with { Role = NodeRole.Manager }).Refusal?.Kind);
            Assert.Equal(RefusalKind.OutOfSequence, NodeCommands.Update(t, id, node.Meta.Version - 1, node.Spec).Refusal?.Kind);
            Assert.True(t.IsEmpty);
        });
        NodeRecord drained = _scene.Do(t => NodeCommands.Update(t, id, node.Meta.Version, node.Spec with { Availability = NodeAvailability.Drain }));
        Assert.Equal(NodeAvailability.Drain, drained.Spec.Availability);
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
}
