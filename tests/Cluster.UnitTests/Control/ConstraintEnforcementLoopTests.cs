using Cluster.Control.Commands;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Testing.Control;
using Xunit;
using Placement = Cluster.Model.Specs.Placement;

namespace Cluster.UnitTests.Control;

public sealed class ConstraintEnforcementLoopTests
{
    private static readonly Placement OnSsd = new() { Constraints = ["node.labels.disk==ssd"] };

    [Fact]
    public void Moves_tasks_when_a_label_is_gone_and_never_more_than_once()
    {
        ControlScene scene = new();
        NodeId was = scene.AddNode(labels: Labels.Empty.With("disk", "ssd"));
        ServiceId web = scene.AddService("web", 2, s => s with { Placement = OnSsd });
        scene.AgentsObey();
        NodeId now = scene.AddNode(labels: Labels.Empty.With("disk", "ssd"));
        scene.SetNode(was, n => n with { Spec = n.Spec with { Labels = Labels.Empty } });
        scene.AgentsObey();
        Assert.All(scene.CurrentOf(web), t => Assert.Equal((now, TaskState.Running), (t.NodeId, t.Status.State)));
        Assert.Equal(4, scene.TasksOf(web).Count);
    }

    [Fact]
    public void Waits_with_a_reason_when_no_other_node_matches()
    {
        ControlScene scene = new();
        NodeId node = scene.AddNode(labels: Labels.Empty.With("disk", "ssd"));
        ServiceId web = scene.AddService("web", 1, s => s with { Placement = OnSsd });
        scene.AgentsObey();
        scene.SetNode(node, n => n with { Spec = n.Spec with { Labels = Labels.Empty } });
        scene.AgentsObey();
        scene.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("no suitable node (scheduling constraints not satisfied on 1 node)", scene.CurrentOf(web).Single().Status.Error);
        Assert.Equal(2, scene.TasksOf(web).Count);
    }

    [Fact]
    public void Moves_tasks_when_the_service_gets_a_constraint()
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 1);
        scene.AgentsObey();
        NodeId ssd = scene.AddNode(labels: Labels.Empty.With("disk", "ssd"));
        ServiceRecord row = scene.State.GetService(web)!;
        scene.Do(t => ServiceCommands.Update(t, web, row.Meta.Version, row.Spec with { Placement = OnSsd }));
        scene.AgentsObey();
        Assert.Equal(ssd, scene.CurrentOf(web).Single().NodeId);
    }

    [Fact]
    public void Leaves_tasks_of_a_paused_node_where_they_are()
    {
        ControlScene scene = new();
        NodeId node = scene.AddNode(labels: Labels.Empty.With("disk", "ssd"));
        ServiceId web = scene.AddService("web", 1, s => s with { Placement = OnSsd });
        scene.AgentsObey();
        scene.SetNode(node, n => n with { Spec = n.Spec with { Availability = NodeAvailability.Pause, Labels = Labels.Empty } });
        scene.AgentsObey();
        Assert.Single(scene.TasksOf(web));
    }
}
