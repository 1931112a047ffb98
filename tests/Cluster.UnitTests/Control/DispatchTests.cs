using System.Collections.Immutable;
using Cluster.Control.Commands;
using Cluster.Control.Dispatch;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Store;
using Cluster.Testing.Control;
using Xunit;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.UnitTests.Control;

public sealed class DispatchTests
{
    private readonly ControlScene _scene = new();

    [Fact]
    public void Takes_reports_of_the_nodes_own_tasks_only_and_only_states_that_are_the_agents()
    {
        (NodeId node, TaskRecord task) = Assigned();
        NodeId other = _scene.AddNode();
        _scene.Change(t =>
        {
            Assert.Equal(1, StatusUpdates.Apply(t, other, [Says(task, TaskState.Running)]).Refused);
            foreach (TaskState state in new[] { TaskState.New, TaskState.Pending, TaskState.Assigned, TaskState.Remove, TaskState.Orphaned, (TaskState)300 })
            {
                Assert.Equal(1, StatusUpdates.Apply(t, node, [Says(task, state)]).Refused);
            }

            Assert.Equal(1, StatusUpdates.Apply(t, node, [new(new TaskId(999), new TaskStatus { State = TaskState.Running })]).Ignored);
            Assert.True(t.IsEmpty);
        });
    }

    [Fact]
    public void Never_goes_backwards_and_writes_a_repeated_report_once()
    {
        (NodeId node, TaskRecord task) = Assigned();
        _scene.Change(t => Assert.Equal(1, StatusUpdates.Apply(t, node, [Says(task, TaskState.Running)]).Applied));
        _scene.Change(t =>
        {
            Assert.Equal(2, StatusUpdates.Apply(t, node, [Says(task, TaskState.Running), Says(task, TaskState.Preparing)]).Ignored);
            Assert.True(t.IsEmpty);
        });
        _scene.Change(t => Assert.Equal(1, StatusUpdates.Apply(t, node, [Says(task, TaskState.Complete)]).Applied));
        _scene.Change(t => Assert.Equal(1, StatusUpdates.Apply(t, node, [Says(task, TaskState.Failed)]).Ignored));
        Assert.Equal(TaskState.Complete, _scene.Task(task.Id).Status.State);
    }

    [Fact]
    public void Keeps_the_process_of_a_running_task_when_a_report_does_not_name_it()
    {
        (NodeId node, TaskRecord task) = Assigned();
        Report(TaskState.Running, pid: 1016);
        Report(TaskState.Running, pid: 0);
        Assert.Equal(1016, _scene.Task(task.Id).Status.Pid);
        Report(TaskState.Complete, pid: 0);
        Assert.Equal(0, _scene.Task(task.Id).Status.Pid);

        void Report(TaskState state, int pid) =>
            _scene.Change(t => StatusUpdates.Apply(t, node, [new(task.Id, new TaskStatus { State = state, Pid = pid })]));
    }

    [Fact]
    public void Gives_back_ports_when_a_task_ends_and_cuts_long_texts()
    {
        (NodeId node, TaskRecord task) = Assigned();
        Assert.Single(_scene.State.PortClaims);
        _scene.Change(t => StatusUpdates.Apply(t, node, [new(task.Id, new TaskStatus { State = TaskState.Failed, Error = new string('x', 5_000) })]));
        Assert.Empty(_scene.State.PortClaims);
        Assert.Equal(StatusUpdates.MaxText, _scene.Task(task.Id).Status.Error.Length);
    }

    [Fact]
    public void Assigns_from_Assigned_on_until_removed_and_ended()
    {
        (NodeId node, TaskRecord task) = Assigned();
        Assert.Equal(task.Id, NodeAssignments.Build(_scene.State, node).Items.Single().TaskId);
        _scene.Scale(task.ServiceId, 0);
        _scene.Pass();
        Assert.Equal(TaskState.Remove, NodeAssignments.Build(_scene.State, node).Items.Single().Assignment.DesiredState);
        _scene.Report(task, TaskState.Shutdown);
        Assert.Empty(NodeAssignments.Build(_scene.State, node).Items);
        Assert.Empty(NodeAssignments.Build(_scene.State, node).Digest);
    }

    [Fact]
    public void Sends_only_what_differs_from_what_the_agent_holds()
    {
        (NodeId node, TaskRecord task) = Assigned();
        AssignmentSet first = NodeAssignments.Build(_scene.State, node);
        Assert.True(AssignmentDelta.Between(first, first).IsEmpty);
        _scene.Report(task, TaskState.Running);
        Assert.Equal(first.Digest.AsSpan(), NodeAssignments.Build(_scene.State, node).Digest.AsSpan());

        ServiceId more = _scene.AddService("more", 2);
        _scene.Settle();
        AssignmentSet second = NodeAssignments.Build(_scene.State, node);
        AssignmentDelta delta = AssignmentDelta.Between(first, second);
        Assert.Equal(_scene.TasksOf(more).Select(t => t.Id).Order(), delta.Put.Select(a => a.TaskId));
        Assert.Empty(delta.Removed);

        // Any order, repeated, with an unknown and a changed one: the agent's word is not trusted.
        TaskId unknown = new(5_000);
        ImmutableArray<byte> wrong = [1, 2, 3];
        AssignmentDelta resumed = AssignmentDelta.FromInventory([(unknown, wrong), (task.Id, wrong), (task.Id, wrong)], second);
        Assert.Equal(3, resumed.Put.Length);
        Assert.Equal(unknown, Assert.Single(resumed.Removed));
        Assert.Equal(second.Digest.AsSpan(), resumed.Digest.AsSpan());
    }

    [Fact]
    public void Wakes_only_the_nodes_that_a_change_concerns()
    {
        (NodeId node, TaskRecord task) = Assigned();
        _scene.AddNode();
        StoreSnapshot basis = _scene.State;
        WorkingTransaction report = new(basis, _scene.Now);
        StatusUpdates.Apply(report, node, [Says(task, TaskState.Running)]);
        Assert.Empty(NodeAssignments.NodesOf(report, report.Changes));

        ServiceRecord service = basis.GetService(task.ServiceId)!;
        Assert.Empty(NodesOfLabel("unused"));
        Assert.Equal([node], NodesOfLabel("used"));

        IReadOnlyCollection<NodeId> NodesOfLabel(string name)
        {
            WorkingTransaction labels = new(basis, _scene.Now);
            Assert.True(ServiceCommands.Update(labels, service.Id, service.Meta.Version, service.Spec with { Labels = Labels.Empty.With(name, "b") }).IsOk);
            return NodeAssignments.NodesOf(labels, labels.Changes);
        }
    }

    [Fact]
    public void Sends_only_the_service_labels_that_a_container_is_made_of()
    {
        NodeId node = _scene.AddNode();
        Labels all = Labels.From([new("in-env", "1"), new("in-mount", "2"), new("in-host", "3"), new("secret", "4"), new("quoted", "5")]);
        _scene.AddService("web", 1, s => s with
        {
            Labels = all,
            Container = s.Container with
            {
                Hostname = "h-{{ .Service.Labels.in-host }}",
                Env = ["A={{.Service.Name}}{{.Service.Labels.in-env}}", "B=.Service.Labels.quoted", "C={{.Service.Labels.absent}}"],
                Mounts = [new Mount { Type = MountType.Bind, Source = "/srv/{{.Service.Labels.in-mount}}", Target = "/srv" }],
            },
        });
        _scene.Settle();
        TaskAssignment assignment = Assert.Single(NodeAssignments.Build(_scene.State, node).Items).Assignment;
        Assert.Equal(all.Without("secret").Without("quoted"), assignment.ServiceLabels);
    }

    private (NodeId Node, TaskRecord Task) Assigned()
    {
        NodeId node = _scene.AddNode();
        ServiceId web = _scene.AddService("web", 1, s => s with
        {
            Ports = [new(PortProtocol.Tcp, 80, 8080, PublishMode.Host)],
            Container = s.Container with { Env = ["LABEL={{.Service.Labels.used}}"] },
        });
        _scene.Settle();
        return (node, _scene.TasksOf(web).Single());
    }

    private static TaskStatusUpdate Says(TaskRecord task, TaskState state) => new(task.Id, new TaskStatus { State = state });
}
