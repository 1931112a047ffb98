using Cluster.Control;
using Cluster.Control.Commands;
using Cluster.Control.Dispatch;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Testing.Control;

/// <summary>
/// A control plane without consensus: a state, its kernel, a clock that the test moves, and words for what happens in tests. Every
/// transaction is sealed and noted as the sequencer would.
/// </summary>
public sealed class ControlScene
{
    public static readonly ClusterTime Start = new(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks);

    public ControlScene(int seed = 1, KernelOptions? options = null)
    {
        Kernel = new Kernel(options);
        Random = new Random(seed);
        Change(t => t.Put(new ClusterRecord
        {
            Id = new(Ids.Next()),
            Root = new RootAuthority([], []),
            JoinSecrets = new JoinSecrets(11, 22),
        }));
    }

    public StoreSnapshot State { get; private set; } = StoreSnapshot.Empty;

    public ClusterTime Now { get; private set; } = Start;

    public Kernel Kernel { get; }

    public CountingIds Ids { get; } = new();

    public Random Random { get; }

    /// <summary>The changes of the last pass that was not empty.</summary>
    public IReadOnlyList<Change> LastPass { get; private set; } = [];

    public Decision LastDecision { get; private set; }

    /// <summary>A transaction of somebody else.</summary>
    public void Change(Action<WorkingTransaction> body)
    {
        WorkingTransaction transaction = new(State, Now);
        body(transaction);
        Seal(transaction);
    }

    /// <summary>A command; a refusal fails the test.</summary>
    public T Do<T>(Func<WorkingTransaction, Result<T>> command)
    {
        Result<T> result = default;
        Change(t => result = command(t));
        return result.Value;
    }

    /// <summary>One pass; whether it wrote something.</summary>
    public bool Pass()
    {
        WorkingTransaction transaction = new(State, Now);
        LastDecision = Kernel.Run(transaction, Ids, Random);
        if (transaction.IsEmpty) return false;
        LastPass = transaction.Changes;
        Seal(transaction);
        return true;
    }

    /// <summary>Passes until nothing is left to do now.</summary>
    public void Settle()
    {
        for (int i = 0; i < 1_000; i++)
        {
            if (!Pass() && !LastDecision.MoreWork) return;
        }

        throw new InvalidOperationException("the kernel does not come to rest");
    }

    /// <summary>Lets time pass, with a pass whenever the kernel asked for one.</summary>
    public void Advance(TimeSpan span)
    {
        ClusterTime until = Now + span;
        Settle();
        while (LastDecision.NextWake is { } wake && wake <= until)
        {
            Now = wake > Now ? wake : Now;
            Settle();
            if (LastDecision.NextWake is { } next && next <= Now) Now += TimeSpan.FromMilliseconds(1);
        }

        Now = until;
        Settle();
    }

    public NodeId AddNode(string hostname = "w", Resources? resources = null, Labels? labels = null, NodeRole role = NodeRole.Worker)
    {
        NodeId id = new(Ids.Next());
        Change(t => t.Put(new NodeRecord
        {
            Id = id,
            Spec = new NodeSpec { Role = role, Labels = labels ?? Labels.Empty },
            Description = new NodeDescription { Hostname = hostname, Os = "linux", Architecture = "amd64", Resources = resources ?? new(8_000_000_000, 16L << 30) },
            Status = new NodeStatus { State = NodeState.Ready, Since = Now },
            Certificate = new NodeCertificate([.. BitConverter.GetBytes((ulong)id.Value)], [], role),
        }));
        return id;
    }

    public ServiceId AddService(string name, int replicas, Func<ServiceSpec, ServiceSpec>? change = null)
    {
        ServiceSpec spec = new() { Name = name, Replicas = replicas, Container = new ContainerSpec { Image = "lab/web:1" } };
        return Do(t => ServiceCommands.Create(t, change is null ? spec : change(spec), Ids)).Id;
    }

    public void Scale(ServiceId service, int replicas) => Do(t => ServiceCommands.Scale(t, service, replicas));

    public void SetNode(NodeId id, Func<NodeRecord, NodeRecord> change) => Change(t => t.Put(change(t.GetNode(id)!)));

    public void SetState(NodeId id, NodeState state) => SetNode(id, n => n with { Status = n.Status with { State = state, Since = Now } });

    public void Drain(NodeId id) => SetNode(id, n => n with { Spec = n.Spec with { Availability = NodeAvailability.Drain } });

    public void Report(TaskRecord task, TaskState state, string error = "") =>
        Change(t => StatusUpdates.Apply(t, task.NodeId, [new(task.Id, new TaskStatus { State = state, Error = error })]));

    /// <summary>Every ready node's agent does what it is told, until nothing changes at the present time.</summary>
    public void AgentsObey()
    {
        for (int i = 0; i < 100; i++)
        {
            Settle();
            List<TaskRecord> open = [.. State.Tasks.Where(t => State.GetNode(t.NodeId) is { Status.State: NodeState.Ready } && AgentGoal(t) > t.Status.State)];
            if (open.Count == 0) return;
            foreach (TaskRecord task in open) Report(task, AgentGoal(task));
        }

        throw new InvalidOperationException("agents and kernel do not come to rest");
    }

    public IReadOnlyList<TaskRecord> TasksOf(ServiceId service) => [.. State.TasksOfService(service)];

    /// <summary>The current task of each slot, by slot.</summary>
    public IReadOnlyList<TaskRecord> CurrentOf(ServiceId service) => [.. State.TasksOfService(service).Where(t => t.DesiredState <= TaskState.Running)];

    public TaskRecord Task(TaskId id) => State.GetTask(id)!;

    /// <summary>Where an agent brings a task that is left alone.</summary>
    public static TaskState AgentGoal(TaskRecord task)
    {
        if (task.Status.State < TaskState.Assigned || task.Status.State.IsTerminal()) return task.Status.State;
        return task.DesiredState switch
        {
            TaskState.Ready => TaskState.Ready,
            TaskState.Running => TaskState.Running,
            _ => TaskState.Shutdown,
        };
    }

    private void Seal(WorkingTransaction transaction)
    {
        if (transaction.IsEmpty) return;
        ulong previous = State.Version;
        State = transaction.Seal();
        Kernel.Note(previous, State.Version, transaction.Changes);
    }
}
