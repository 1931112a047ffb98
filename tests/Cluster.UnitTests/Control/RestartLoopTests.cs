using Cluster.Control.Commands;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Testing.Control;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class RestartLoopTests
{
    [Fact]
    public void Replaces_an_ended_task_in_one_transaction_and_starts_the_new_one_after_the_delay()
    {
        (ControlScene scene, ServiceId web) = Running(new RestartPolicy());
        TaskRecord old = scene.TasksOf(web).Single();
        scene.Advance(TimeSpan.FromMinutes(1));
        scene.Report(old, TaskState.Failed);
        Assert.True(scene.Pass());
        Assert.Equal(TaskState.Shutdown, scene.Task(old.Id).DesiredState);
        TaskRecord next = scene.CurrentOf(web).Single();
        Assert.Equal((old.Slot, TaskState.Ready), (next.Slot, next.DesiredState));
        Assert.Equal(scene.Now + RestartPolicy.DefaultDelay, next.StartAfter);
        Assert.Equal(next.StartAfter, scene.LastDecision.NextWake);
        scene.Advance(RestartPolicy.DefaultDelay);
        Assert.Equal(TaskState.Running, scene.Task(next.Id).DesiredState);
    }

    [Theory]
    [InlineData(RestartCondition.None, TaskState.Failed, false)]
    [InlineData(RestartCondition.None, TaskState.Complete, false)]
    [InlineData(RestartCondition.OnFailure, TaskState.Complete, false)]
    [InlineData(RestartCondition.OnFailure, TaskState.Failed, true)]
    [InlineData(RestartCondition.OnFailure, TaskState.Rejected, true)]
    [InlineData(RestartCondition.Any, TaskState.Complete, true)]
    public void Restarts_as_the_condition_says(RestartCondition condition, TaskState end, bool restarted)
    {
        (ControlScene scene, ServiceId web) = Running(new RestartPolicy { Condition = condition });
        scene.Report(scene.TasksOf(web).Single(), end);
        scene.Settle();
        Assert.Equal(restarted ? 1 : 0, scene.CurrentOf(web).Count);

        // What ended for good stays in its slot: nothing fills it again, not after a rebuild either.
        scene.Kernel.Rebuild(scene.State);
        Assert.False(scene.Pass());
    }

    [Fact]
    public void Gives_up_after_the_allowed_attempts_and_says_so()
    {
        (ControlScene scene, ServiceId web) = Running(new RestartPolicy { MaxAttempts = 2, Delay = TimeSpan.Zero });
        for (int i = 0; i < 3; i++)
        {
            scene.Advance(TimeSpan.FromMinutes(1));
            scene.AgentsObey();
            scene.Report(scene.CurrentOf(web).Single(), TaskState.Failed);
            scene.Pass();
        }

        Assert.Empty(scene.CurrentOf(web));
        Assert.Contains(scene.LastDecision.Reports, r => r.Message.Contains("2 attempts", StringComparison.Ordinal));
    }

    [Fact]
    public void Counts_attempts_only_within_the_window()
    {
        (ControlScene scene, ServiceId web) = Running(new RestartPolicy { MaxAttempts = 1, Window = TimeSpan.FromMinutes(1), Delay = TimeSpan.Zero });
        for (int i = 0; i < 4; i++)
        {
            scene.Advance(TimeSpan.FromMinutes(2));
            scene.AgentsObey();
            scene.Report(scene.CurrentOf(web).Single(), TaskState.Failed);
            scene.Settle();
        }

        Assert.Single(scene.CurrentOf(web));
        Assert.Single(scene.State.RestartHistories.Single().Attempts);
    }

    [Fact]
    public void Counts_attempts_on_although_the_leader_changed()
    {
        (ControlScene scene, ServiceId web) = Running(new RestartPolicy { MaxAttempts = 1, Delay = TimeSpan.Zero });
        scene.Report(scene.CurrentOf(web).Single(), TaskState.Failed);
        scene.AgentsObey();
        scene.Kernel.Rebuild(scene.State);
        scene.Report(scene.CurrentOf(web).Single(), TaskState.Failed);
        scene.Settle();
        Assert.Empty(scene.CurrentOf(web));
    }

    [Fact]
    public void Waits_twice_as_long_each_time_when_an_image_cannot_be_had()
    {
        (ControlScene scene, ServiceId web) = Running(new RestartPolicy());
        List<double> pauses = [];
        for (int i = 0; i < 10; i++)
        {
            TaskRecord current = scene.CurrentOf(web).Single();
            scene.Report(current, TaskState.Rejected, "no such image");
            scene.Settle();

            // A successor that failed while it was prepared ahead of time waits for its own time before it gets one.
            TaskRecord ended = scene.Task(current.Id);
            if (ended.DesiredState == TaskState.Ready) scene.Advance(ended.StartAfter - scene.Now);
            TaskRecord next = scene.CurrentOf(web).Single();
            Assert.NotEqual(current.Id, next.Id);
            pauses.Add((next.StartAfter - scene.Now).TotalSeconds);
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 300, 300, 300, 300], pauses);
    }

    [Fact]
    public void Takes_the_policys_delay_again_after_a_task_that_ran_for_a_while()
    {
        (ControlScene scene, ServiceId web) = Running(new RestartPolicy());
        for (int i = 0; i < 5; i++)
        {
            scene.Report(scene.CurrentOf(web).Single(), TaskState.Failed);
            scene.Settle();
            Assert.Equal(TimeSpan.FromSeconds(5), scene.CurrentOf(web).Single().StartAfter - scene.Now);
            scene.Advance(TimeSpan.FromSeconds(5));
            scene.AgentsObey();
            scene.Advance(TimeSpan.FromSeconds(11));
        }
    }

    [Fact]
    public void Replaces_tasks_of_a_node_that_is_down_at_once()
    {
        ControlScene scene = new();
        NodeId bad = scene.AddNode();
        ServiceId web = scene.AddService("web", 2);
        scene.AgentsObey();
        NodeId good = scene.AddNode();
        scene.SetState(bad, NodeState.Down);
        scene.Pass();
        Assert.All(scene.CurrentOf(web), t => Assert.Equal((good, TaskState.Running, TaskState.Assigned), (t.NodeId, t.DesiredState, t.Status.State)));
        Assert.Equal(2, scene.CurrentOf(web).Count);

        // The node comes back: its old tasks are stopped there, and nothing is made anew.
        scene.SetState(bad, NodeState.Ready);
        scene.AgentsObey();
        Assert.All(scene.TasksOf(web).Where(t => t.NodeId == bad), t => Assert.Equal(TaskState.Shutdown, t.Status.State));
        Assert.Equal(2, scene.CurrentOf(web).Count);
    }

    [Fact]
    public void Replaces_and_orphans_tasks_of_a_removed_node()
    {
        ControlScene scene = new();
        NodeId gone = scene.AddNode();
        ServiceId web = scene.AddService("web", 2);
        scene.AgentsObey();
        scene.AddNode();
        scene.Change(t => Assert.True(NodeCommands.Remove(t, gone, force: true).IsOk));
        scene.AgentsObey();
        Assert.Equal(2, scene.CurrentOf(web).Count);
        Assert.DoesNotContain(scene.State.Tasks, t => t.NodeId == gone);
    }

    [Fact]
    public void Replaces_tasks_of_a_node_that_was_removed_before_this_leader_led()
    {
        ControlScene scene = new();
        NodeId gone = scene.AddNode();
        ServiceId web = scene.AddService("web", 2);
        scene.AgentsObey();
        scene.AddNode();
        scene.Change(t => Assert.True(NodeCommands.Remove(t, gone, force: true).IsOk));
        scene.Kernel.Invalidate();
        scene.AgentsObey();
        Assert.Equal(2, scene.CurrentOf(web).Count);
        Assert.DoesNotContain(scene.State.Tasks, t => t.NodeId == gone);
    }

    [Fact]
    public void Does_not_start_the_new_task_of_a_drained_node_before_the_old_one_has_stopped()
    {
        ControlScene scene = new();
        NodeId drained = scene.AddNode();
        ServiceId web = scene.AddService("web", 1);
        scene.AgentsObey();
        TaskRecord old = scene.CurrentOf(web).Single();
        scene.AddNode();
        scene.Drain(drained);
        scene.Settle();
        TaskRecord next = scene.CurrentOf(web).Single();
        Assert.Equal((TaskState.Ready, scene.Now), (next.DesiredState, next.StartAfter));
        scene.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(TaskState.Ready, scene.Task(next.Id).DesiredState);
        scene.Report(old, TaskState.Shutdown);
        scene.Settle();
        Assert.Equal(TaskState.Running, scene.Task(next.Id).DesiredState);
    }

    [Fact]
    public void Starts_the_new_task_when_the_old_ones_node_goes_down()
    {
        ControlScene scene = new();
        NodeId drained = scene.AddNode();
        ServiceId web = scene.AddService("web", 1);
        scene.AgentsObey();
        scene.AddNode();
        scene.Drain(drained);
        scene.Settle();
        scene.SetState(drained, NodeState.Down);
        scene.Settle();
        Assert.Equal(TaskState.Running, scene.CurrentOf(web).Single().DesiredState);
    }

    [Fact]
    public void Does_not_count_lost_nodes_as_attempts()
    {
        (ControlScene scene, ServiceId web) = Running(new RestartPolicy { MaxAttempts = 1 });
        scene.AddNode();
        for (int i = 0; i < 3; i++)
        {
            NodeId node = scene.CurrentOf(web).Single().NodeId;
            scene.SetState(node, NodeState.Down);
            scene.Settle();
            scene.SetState(node, NodeState.Ready);
            scene.AgentsObey();
        }

        Assert.Single(scene.CurrentOf(web));
        Assert.Empty(scene.State.RestartHistories);
    }

    private static (ControlScene Scene, ServiceId Service) Running(RestartPolicy policy)
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 1, s => s with { Restart = policy });
        scene.AgentsObey();
        return (scene, web);
    }
}
