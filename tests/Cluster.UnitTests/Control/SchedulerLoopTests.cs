using Cluster.Control;
using Cluster.Control.Commands;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Testing.Control;
using Xunit;
using Placement = Cluster.Model.Specs.Placement;

namespace Cluster.UnitTests.Control;

public sealed class SchedulerLoopTests
{
    [Fact]
    public void Spreads_a_service_over_nodes_before_it_looks_at_their_load()
    {
        ControlScene scene = new();
        NodeId first = scene.AddNode();
        scene.AddService("old", 5);
        scene.AgentsObey();
        NodeId second = scene.AddNode();
        ServiceId web = scene.AddService("web", 4);
        scene.Settle();
        Assert.Equal(2, scene.CurrentOf(web).Count(t => t.NodeId == first));
        Assert.Equal(2, scene.CurrentOf(web).Count(t => t.NodeId == second));
    }

    [Fact]
    public void Takes_the_emptier_node_of_two_without_the_service()
    {
        ControlScene scene = new();
        scene.AddNode();
        scene.AddService("old", 5);
        scene.AgentsObey();
        NodeId empty = scene.AddNode();
        ServiceId web = scene.AddService("web", 1);
        scene.Settle();
        Assert.Equal(empty, scene.CurrentOf(web).Single().NodeId);
    }

    [Fact]
    public void Explains_each_refusal_with_counts()
    {
        ControlScene scene = new();
        scene.SetState(scene.AddNode(), NodeState.Down);
        scene.Drain(scene.AddNode());
        scene.AddNode("busy");
        ServiceId web = scene.AddService("web", 2, s => s with { Ports = [new(PortProtocol.Tcp, 80, 8080, PublishMode.Host)] });
        scene.Settle();
        TaskRecord waiting = scene.TasksOf(web).Single(t => t.Status.State == TaskState.Pending);
        Assert.Equal("no suitable node (2 nodes not available for new tasks; host port 8080/tcp in use on 1 node)", waiting.Status.Error);
    }

    [Theory]
    [InlineData("resources", "insufficient resources on 1 node")]
    [InlineData("constraint", "scheduling constraints not satisfied on 1 node")]
    [InlineData("replicas", "max replicas per node limit reached on 1 node")]
    public void Names_the_filter_that_refused(string filter, string reason)
    {
        ControlScene scene = new();
        scene.AddNode(resources: new(1_000_000_000, 1 << 30));
        ServiceId web = scene.AddService("web", 2, s => filter switch
        {
            "resources" => s with { Resources = new ResourceRequirements { Reservations = new(600_000_000, 0) } },
            "constraint" => s with { Placement = new Placement { Constraints = ["node.labels.disk==ssd"] } },
            _ => s with { Placement = new Placement { MaxReplicasPerNode = 1 } },
        });
        scene.Settle();
        Assert.Contains(scene.TasksOf(web), t => t.Status.Error == $"no suitable node ({reason})");
    }

    [Fact]
    public void Says_so_when_there_is_no_node_at_all()
    {
        ControlScene scene = new();
        ServiceId web = scene.AddService("web", 1);
        scene.Settle();
        Assert.Equal("no suitable node (the cluster has no nodes)", scene.TasksOf(web).Single().Status.Error);
        scene.AddNode();
        scene.Settle();
        Assert.Equal((TaskState.Assigned, ""), (scene.TasksOf(web).Single().Status.State, scene.TasksOf(web).Single().Status.Error));
    }

    [Fact]
    public void Looks_again_when_a_task_frees_what_was_missing()
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 2, s => s with { Ports = [new(PortProtocol.Tcp, 80, 8080, PublishMode.Host)] });
        scene.AgentsObey();
        ServiceId other = scene.AddService("other", 1, s => s with { Ports = [new(PortProtocol.Tcp, 80, 8080, PublishMode.Host)] });
        scene.AgentsObey();
        Assert.Equal(TaskState.Pending, scene.TasksOf(other).Single().Status.State);
        scene.Scale(web, 0);
        scene.AgentsObey();
        Assert.Equal(TaskState.Running, scene.TasksOf(other).Single().Status.State);
        Assert.Equal(scene.TasksOf(other).Single().Id, scene.State.PortClaims.Single().TaskId);
    }

    [Fact]
    public void Looks_again_when_the_services_placement_changed()
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 1, s => s with { Placement = new Placement { Constraints = ["node.role==manager"] } });
        scene.Settle();
        ServiceRecord row = scene.State.GetService(web)!;
        scene.Do(t => ServiceCommands.Update(t, web, row.Meta.Version, row.Spec with { Placement = new Placement() }));
        scene.Settle();
        Assert.Equal(TaskState.Assigned, scene.TasksOf(web).Single().Status.State);
    }

    [Fact]
    public void Keeps_the_explanation_exact_but_does_not_rewrite_it_all_the_time()
    {
        ControlScene scene = new();
        ServiceId web = scene.AddService("web", 1, s => s with { Placement = new Placement { Constraints = ["node.role==manager"] } });
        scene.AddNode();
        scene.Settle();
        scene.AddNode();
        scene.Settle();
        Assert.Equal("no suitable node (scheduling constraints not satisfied on 1 node)", scene.TasksOf(web).Single().Status.Error);
        scene.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("no suitable node (scheduling constraints not satisfied on 2 nodes)", scene.TasksOf(web).Single().Status.Error);
        scene.Kernel.Rebuild(scene.State);
        Assert.False(scene.Pass());
    }

    [Fact]
    public void Gives_dynamic_ports_from_the_range_and_none_twice()
    {
        ControlScene scene = new();
        scene.AddNode();
        ServiceId web = scene.AddService("web", 3, s => s with { Ports = [new(PortProtocol.Tcp, 80, 0, PublishMode.Host), new(PortProtocol.Tcp, 81, 30_001, PublishMode.Host)] });
        scene.Settle();
        TaskRecord placed = Assert.Single(scene.TasksOf(web), t => t.Status.State == TaskState.Assigned);
        Assert.Equal([30_000, 30_001], placed.HostPorts.Select(p => p.PublishedPort));
        ServiceId other = scene.AddService("other", 2, s => s with { Ports = [new(PortProtocol.Tcp, 80, 0, PublishMode.Host)] });
        scene.Settle();
        Assert.Equal([30_002, 30_003], scene.TasksOf(other).Select(t => t.HostPorts.Single().PublishedPort).Order());
    }

    [Fact]
    public void Leaves_out_nodes_where_the_service_fails_again_and_again()
    {
        ControlScene scene = new();
        NodeId bad = scene.AddNode("bad");
        ServiceId web = scene.AddService("web", 1, s => s with { Restart = new RestartPolicy { Delay = TimeSpan.FromSeconds(1) } });
        for (int i = 0; i < 5; i++)
        {
            scene.AgentsObey();
            scene.Report(scene.CurrentOf(web).Single(), TaskState.Failed);
            scene.Advance(TimeSpan.FromSeconds(30));
        }

        NodeId good = scene.AddNode("good");
        scene.AddService("load", 10, s => s with { Placement = new Placement { Constraints = ["node.hostname==good"] } });
        scene.AgentsObey();
        scene.Report(scene.CurrentOf(web).Single(), TaskState.Failed);
        scene.Settle();
        Assert.Equal(good, scene.CurrentOf(web).Single().NodeId);
        Assert.NotEqual(bad, good);
    }

    [Fact]
    public void Spreads_over_label_values_first()
    {
        ControlScene scene = new();
        NodeId lonely = scene.AddNode(labels: Labels.Empty.With("rack", "a"));
        scene.AddNode(labels: Labels.Empty.With("rack", "b"));
        scene.AddNode(labels: Labels.Empty.With("rack", "b"));
        scene.AddNode(labels: Labels.Empty.With("rack", "b"));
        ServiceId web = scene.AddService("web", 6, s => s with { Placement = new Placement { SpreadOver = ["node.labels.rack"] } });
        scene.Settle();
        Assert.Equal(3, scene.CurrentOf(web).Count(t => t.NodeId == lonely));
        Assert.All(scene.CurrentOf(web).Where(t => t.NodeId != lonely).GroupBy(t => t.NodeId), g => Assert.Single(g));
    }

    [Fact]
    public void Places_on_what_is_left_when_a_branch_is_full()
    {
        ControlScene scene = new();
        NodeId small = scene.AddNode(labels: Labels.Empty.With("rack", "a"), resources: new(1_000_000_000, 1 << 30));
        scene.AddNode(labels: Labels.Empty.With("rack", "b"));
        ServiceId web = scene.AddService("web", 6, s => s with
        {
            Placement = new Placement { SpreadOver = ["node.labels.rack"] },
            Resources = new ResourceRequirements { Reservations = new(1_000_000_000, 0) },
        });
        scene.Settle();
        Assert.Equal(1, scene.CurrentOf(web).Count(t => t.NodeId == small));
        Assert.All(scene.CurrentOf(web), t => Assert.Equal(TaskState.Assigned, t.Status.State));
    }

    [Fact]
    public void Stops_at_the_budget_and_goes_on_in_the_next_pass()
    {
        ControlScene scene = new(options: new KernelOptions { MaxRows = 20 });
        scene.AddNode();
        ServiceId web = scene.AddService("web", 100, s => s with { Ports = [new(PortProtocol.Tcp, 80, 0, PublishMode.Host)] });
        scene.Pass();
        Assert.True(scene.LastDecision.MoreWork);
        Assert.InRange(scene.LastPass.Count, 1, 20);
        scene.Settle();
        Assert.Equal(100, scene.CurrentOf(web).Count(t => t.Status.State == TaskState.Assigned));
    }
}
