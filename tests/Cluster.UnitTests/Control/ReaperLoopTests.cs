using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class ReaperLoopTests
{
    [Fact]
    public void Keeps_as_many_ended_tasks_of_a_slot_as_the_limit_says()
    {
        (ControlScene scene, ServiceId web) = WithHistory(9);
        Assert.Equal(5, scene.TasksOf(web).Count(t => t.Status.State.IsTerminal()));
        Assert.Single(scene.CurrentOf(web));
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(0, 0)]
    [InlineData(-1, 5)]
    public void Applies_a_changed_limit_to_what_is_there(int limit, int kept)
    {
        (ControlScene scene, ServiceId web) = WithHistory(9);
        scene.Change(t => t.Put(t.Cluster! with { Spec = t.Cluster!.Spec with { TaskHistoryLimit = limit } }));
        scene.Settle();
        Assert.Equal(kept, scene.TasksOf(web).Count(t => t.Status.State.IsTerminal()));
    }

    [Fact]
    public void Gives_up_tasks_of_a_node_that_has_been_down_for_a_day_and_frees_their_ports()
    {
        ControlScene scene = new();
        NodeId lost = scene.AddNode();
        ServiceId web = scene.AddService("web", 1, s => s with { Ports = [new(PortProtocol.Tcp, 80, 8080, PublishMode.Host)] });
        scene.AgentsObey();
        TaskRecord old = scene.CurrentOf(web).Single();
        scene.SetState(lost, NodeState.Down);
        scene.Advance(TimeSpan.FromHours(23));
        Assert.Equal(TaskState.Running, scene.Task(old.Id).Status.State);
        Assert.Single(scene.State.PortClaims);
        scene.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TaskState.Orphaned, scene.Task(old.Id).Status.State);
        Assert.Empty(scene.State.PortClaims);
    }

    [Fact]
    public void Deletes_at_once_what_was_never_sent_to_a_node()
    {
        ControlScene scene = new();
        ServiceId web = scene.AddService("web", 3);
        scene.Settle();
        scene.Scale(web, 1);
        scene.Settle();
        Assert.Single(scene.TasksOf(web));
    }

    [Fact]
    public void Deletes_the_restart_counts_of_a_slot_that_is_gone()
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 1, s => s with { Restart = new RestartPolicy { MaxAttempts = 5 } });
        scene.AgentsObey();
        scene.Report(scene.CurrentOf(web).Single(), TaskState.Failed);
        scene.AgentsObey();
        Assert.Single(scene.State.RestartHistories);
        scene.Scale(web, 0);
        scene.AgentsObey();
        Assert.Empty(scene.State.RestartHistories);
    }

    private static (ControlScene Scene, ServiceId Service) WithHistory(int restarts)
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 1, s => s with { Restart = new RestartPolicy { Delay = TimeSpan.Zero } });
        for (int i = 0; i < restarts; i++)
        {
            scene.AgentsObey();
            scene.Advance(TimeSpan.FromSeconds(11));
            scene.Report(scene.CurrentOf(web).Single(), TaskState.Failed);
        }

        scene.AgentsObey();
        return (scene, web);
    }
}
