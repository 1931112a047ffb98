using Cluster.Control;
using Cluster.Control.Commands;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Store;
using Cluster.Testing.Control;
using Xunit;
using Placement = Cluster.Model.Specs.Placement;

namespace Cluster.UnitTests.Control;

/// <summary>
/// The kernel under random commands, node faults and reports, on plain snapshots; after the faults a calm in which everything must
/// come to what was asked for.
/// </summary>
public sealed class KernelRandomTests
{
    private const int Steps = 250;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Keeps_its_invariants_and_converges(int seed)
    {
        Random random = new(seed);
        ControlScene scene = new(seed, random.Next(2) == 0 ? null : new KernelOptions { MaxRows = 30, FullPassTasks = 7, FullPassPeriod = TimeSpan.FromSeconds(20) });
        int names = 0;
        for (int i = 0; i < 4; i++) scene.AddNode($"w{i}");
        for (int step = 0; step < Steps; step++)
        {
            StoreSnapshot before = scene.State;
            Act(scene, random, ref names);
            ControlInvariants.CheckStep(before, scene.State);
            before = scene.State;
            if (random.Next(4) != 0) scene.Pass();
            ControlInvariants.CheckStep(before, scene.State);
            if (step % 10 == 0) ControlInvariants.CheckCaches(scene.Kernel, scene.State);
            if (random.Next(40) == 0) scene.Kernel.Invalidate();
        }

        Calm(scene);
        ControlInvariants.Check(scene.State);
        ControlInvariants.CheckCaches(scene.Kernel, scene.State);
        foreach (ServiceRecord service in scene.State.Services)
        {
            Assert.False(service.Removing);
            List<int> taken = [.. scene.TasksOf(service.Id).Where(t => t.DesiredState < TaskState.Remove).Select(t => t.Slot).Distinct()];
            Assert.Equal(service.Spec.Replicas, taken.Count);
            Assert.All(scene.CurrentOf(service.Id), t => Assert.True(
                t.Status.State == TaskState.Running || t.Status.Error.StartsWith("no suitable node (", StringComparison.Ordinal), $"{service.Spec.Name}.{t.Slot} is {t.Status.State}"));
        }

        Assert.False(scene.Pass());
        scene.Kernel.Rebuild(scene.State);
        Assert.False(scene.Pass());
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 30)];

    private static void Calm(ControlScene scene)
    {
        foreach (NodeRecord node in scene.State.Nodes)
        {
            scene.SetNode(node.Id, n => n with
            {
                Spec = n.Spec with { Availability = NodeAvailability.Active },
                Status = n.Status with { State = NodeState.Ready, Since = scene.Now },
            });
        }

        // Longer than the longest back-off, in steps in which the agents can answer.
        for (int i = 0; i < 25; i++)
        {
            scene.AgentsObey();
            scene.Advance(TimeSpan.FromSeconds(30));
        }

        scene.AgentsObey();
    }

    private static void Act(ControlScene scene, Random random, ref int names)
    {
        ServiceRecord? service = Pick(scene.State.Services.Where(s => !s.Removing), random);
        NodeRecord? node = Pick(scene.State.Nodes, random);
        switch (random.Next(16))
        {
            case 0 when scene.State.ServiceCount < 6:
                int name = names++;
                scene.AddService($"s{name}", random.Next(0, 8), s => RandomSpec(s, random));
                break;
            case 1 when service is not null:
                scene.Scale(service.Id, random.Next(0, 10));
                break;
            case 2 when service is not null && random.Next(3) == 0:
                scene.Do(t => ServiceCommands.Remove(t, service.Id));
                break;
            case 3 when service is not null:
                ServiceSpec spec = service.Spec with { Placement = RandomPlacement(random) };
                scene.Do(t => ServiceCommands.Update(t, service.Id, t.GetService(service.Id)!.Meta.Version, spec));
                break;
            case 4 when scene.State.NodeCount < 7:
                scene.AddNode("w" + scene.State.NodeCount, new(4_000_000_000, 4L << 30));
                break;
            case 5 when node is not null && random.Next(3) == 0:
                scene.Change(t => NodeCommands.Remove(t, node.Id, force: true));
                break;
            case 6 when node is not null:
                NodeAvailability availability = (NodeAvailability)random.Next(3);
                scene.SetNode(node.Id, n => n with { Spec = n.Spec with { Availability = availability, Labels = Labels.Empty.With("disk", random.Next(2) == 0 ? "ssd" : "hdd") } });
                break;
            case 7 when node is not null:
                scene.SetState(node.Id, random.Next(3) == 0 ? NodeState.Down : NodeState.Ready);
                break;
            case 8:
                scene.Advance(TimeSpan.FromSeconds(random.Next(0, 40)));
                break;
            default:
                Report(scene, random);
                break;
        }
    }

    private static void Report(ControlScene scene, Random random)
    {
        TaskState[] states = [TaskState.Accepted, TaskState.Preparing, TaskState.Running, TaskState.Running, TaskState.Failed, TaskState.Rejected, TaskState.Complete, TaskState.New];
        foreach (TaskRecord task in scene.State.Tasks.Where(t => !t.NodeId.IsNone && random.Next(4) == 0).ToList())
        {
            if (scene.State.GetNode(task.NodeId) is not { Status.State: NodeState.Ready }) continue;
            TaskState state = task.DesiredState >= TaskState.Shutdown ? TaskState.Shutdown : states[random.Next(states.Length)];
            scene.Report(task, task.DesiredState == TaskState.Ready && state == TaskState.Running ? TaskState.Ready : state);
        }
    }

    private static ServiceSpec RandomSpec(ServiceSpec spec, Random random) => spec with
    {
        Placement = RandomPlacement(random),
        Resources = new ResourceRequirements { Reservations = random.Next(2) == 0 ? default : new(random.Next(1, 20) * 100_000_000L, random.Next(1, 8) * (256L << 20)) },
        Ports = random.Next(3) switch
        {
            0 => [new(PortProtocol.Tcp, 80, 8080 + random.Next(3), PublishMode.Host)],
            1 => [new(PortProtocol.Tcp, 80, 0, PublishMode.Host), new(PortProtocol.Udp, 80, 0, PublishMode.Host)],
            _ => [],
        },
        Restart = new RestartPolicy
        {
            Condition = (RestartCondition)random.Next(3),
            Delay = TimeSpan.FromSeconds(random.Next(0, 8)),
            MaxAttempts = random.Next(3) == 0 ? random.Next(1, 4) : 0,
            Window = TimeSpan.FromSeconds(random.Next(0, 3) * 30),
        },
    };

    private static Placement RandomPlacement(Random random) => new()
    {
        Constraints = random.Next(3) switch { 0 => ["node.labels.disk==ssd"], 1 => ["node.labels.disk!=ssd"], _ => [] },
        SpreadOver = random.Next(3) == 0 ? ["node.labels.disk"] : [],
        MaxReplicasPerNode = random.Next(4) == 0 ? 2 : 0,
    };

    private static T? Pick<T>(IEnumerable<T> rows, Random random)
        where T : class
    {
        List<T> list = [.. rows];
        return list.Count == 0 ? null : list[random.Next(list.Count)];
    }
}
