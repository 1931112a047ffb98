using Cluster.Control;
using Cluster.Control.Commands;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class ReplicatedOrchestratorTests
{
    [Fact]
    public void Creates_allocates_and_assigns_in_one_pass()
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 3);
        Assert.True(scene.Pass());
        Assert.Equal([1, 2, 3], scene.TasksOf(web).Select(t => t.Slot));
        Assert.All(scene.TasksOf(web), t => Assert.Equal(TaskState.Assigned, t.Status.State));
        Assert.False(scene.LastDecision.MoreWork);
        Assert.False(scene.Pass());
    }

    [Fact]
    public void Fills_the_lowest_free_slots_first()
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 4);
        scene.AgentsObey();
        scene.Scale(web, 2);
        scene.AgentsObey();
        Assert.Equal([1, 2], scene.TasksOf(web).Select(t => t.Slot));
        scene.Scale(web, 3);
        scene.AgentsObey();
        Assert.Equal([1, 2, 3], scene.TasksOf(web).Select(t => t.Slot));
    }

    [Fact]
    public void Scales_down_on_the_fullest_node_first()
    {
        ControlScene scene = new();
        NodeId full = scene.AddNode("full");
        ServiceId web = scene.AddService("web", 3);
        scene.AgentsObey();
        NodeId other = scene.AddNode("other");
        scene.Scale(web, 4);
        scene.AgentsObey();
        scene.Scale(web, 2);
        scene.AgentsObey();
        Assert.Equal([full, other], scene.CurrentOf(web).Select(t => t.NodeId).Order());
    }

    [Fact]
    public void Scales_down_what_does_not_run_first()
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 3);
        scene.Settle();
        foreach (TaskRecord task in scene.TasksOf(web).Where(t => t.Slot != 1)) scene.Report(task, TaskState.Running);
        scene.Scale(web, 2);
        scene.Settle();
        Assert.Equal([2, 3], scene.CurrentOf(web).Select(t => t.Slot));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void Keeps_a_slot_that_goes_on_when_a_pass_ends_while_it_scales_down(int maxRows)
    {
        ControlScene scene = new(options: new KernelOptions { MaxRows = maxRows });
        NodeId node = scene.AddNode();
        ServiceId web = scene.AddService("web", 20);
        scene.AgentsObey();

        // What failed before, of a greater id; and what is current waits for a node.
        scene.Change(t =>
        {
            foreach (TaskRecord task in scene.CurrentOf(web))
            {
                t.Put(task with { Id = new TaskId(UInt128.MaxValue - task.Id.Value), DesiredState = TaskState.Shutdown, Status = task.Status with { State = TaskState.Failed } });
            }
        });
        scene.Drain(node);
        scene.AgentsObey();
        scene.Scale(web, 1);
        scene.Settle();
        Assert.Single(scene.CurrentOf(web));
        Assert.Single(scene.TasksOf(web).Select(task => task.Slot).Distinct());
    }

    [Fact]
    public void Removed_service_goes_with_its_last_task_and_its_template_too()
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 2);
        scene.AgentsObey();
        scene.Do(t => ServiceCommands.Remove(t, web));
        scene.Settle();
        Assert.All(scene.TasksOf(web), t => Assert.Equal(TaskState.Remove, t.DesiredState));
        Assert.NotNull(scene.State.GetService(web));
        scene.AgentsObey();
        Assert.Null(scene.State.GetService(web));
        Assert.Equal(0, scene.State.TaskCount);
        Assert.Empty(scene.State.Templates);
    }

    [Fact]
    public void Removed_service_does_not_wait_for_a_node_that_is_down()
    {
        ControlScene scene = new();
        NodeId node = scene.AddNode();
        ServiceId web = scene.AddService("web", 2);
        scene.AgentsObey();
        scene.SetState(node, NodeState.Down);
        scene.Do(t => ServiceCommands.Remove(t, web));
        scene.Settle();
        Assert.Null(scene.State.GetService(web));
        Assert.Equal(0, scene.State.TaskCount);
    }
}
