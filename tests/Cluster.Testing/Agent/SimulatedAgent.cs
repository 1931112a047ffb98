using Cluster.Agent.Sessions;
using Cluster.Agent.State;
using Cluster.Agent.Tasks;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Time;

namespace Cluster.Testing.Agent;

/// <summary>
/// The production state machine of an agent on a <see cref="SimulatedMachine"/> under virtual time: the twin of AgentHost for simulators.
/// It can be killed and started again with or without its state file, and it checks what must hold of what the core asks for.
/// What it says leaves through <see cref="Said"/>; whoever plays the managers gives events to <see cref="Give"/>.
/// </summary>
public sealed partial class SimulatedAgent
{
    private readonly AgentCoreOptions _options;
    private readonly ISimulationScheduler _scheduler;
    private readonly Random _random;
    private readonly SortedDictionary<long, Pending> _pending = [];
    private AgentStateBuilder _disk = new();
    private AgentCore? _core;
    private int _life;
    private long _wakeTicket;
    private ClusterTime? _wakeAt;

    public SimulatedAgent(AgentCoreOptions options, SimulatedMachine machine, ISimulationScheduler scheduler, Random random)
    {
        (_options, Machine, _scheduler, _random) = (options, machine, scheduler, random);
        machine.Ended += (taskId, exit) => CompleteWaits(taskId, exit);
    }

    /// <summary>A message to the manager of this session.</summary>
    public event Action<long, AgentMessage>? Said;

    /// <summary>The agent has given this session up and wants another.</summary>
    public event Action<long, string>? Closed;

    /// <summary>Counts what happened, by name.</summary>
    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    public SimulatedMachine Machine { get; }

    public SimulatedFaults Faults { get; set; } = SimulatedFaults.None;

    public bool IsRunning => _core is not null;

    public AgentCore Core => _core ?? throw new InvalidOperationException("the agent does not run");

    public SessionHello Hello(NodeDescription description) => Core.Hello(description);

    /// <summary>Starts the agent: it reads its state and asks the machine what it holds.</summary>
    public void Start()
    {
        Invariant.Check(_core is null, "the agent runs already");
        _life++;
        _core = new AgentCore(_options, _disk.Build());
        After(Delay(), () => Give(new AgentEvent.MachineListed(Machine.List())));
    }

    /// <summary>Kill -9. Operations that were under way may have had their effect or not.</summary>
    public void Kill(bool losesState)
    {
        if (_core is null) return;
        _life++;
        _core = null;
        foreach (Pending pending in _pending.Values.ToArray())
        {
            if (_random.Next(2) == 0) TryPerform(pending);
        }

        _pending.Clear();
        _reconciling = 0;
        if (losesState) _disk = new AgentStateBuilder();
        Count(losesState ? "agent killed, state lost" : "agent killed");
    }

    /// <summary>Gives the core an event and carries out what it asks for. Nothing happens while the agent does not run.</summary>
    public void Give(AgentEvent happened)
    {
        if (_core is null) return;
        AgentStep step = _core.Handle(happened, _scheduler.Now);
        foreach (AgentStateChange change in step.Changes) _disk.Apply(change);
        foreach (AgentEffect effect in step.Effects) Perform(effect);
        ArmWake();
    }

    private void Perform(AgentEffect effect)
    {
        switch (effect)
        {
            case AgentEffect.StartOperation start:
                Begin(start);
                break;
            case AgentEffect.CancelOperation cancel:
                Cancel(cancel);
                break;
            case AgentEffect.ReconcileNetworks reconcile:
                Reconcile(reconcile);
                break;
            case AgentEffect.Send send:
                Said?.Invoke(send.Session, send.Message);
                break;
            case AgentEffect.CloseSession close:
                Count("session given up");
                Closed?.Invoke(close.Session, close.Reason);
                break;
        }
    }

    private void ArmWake()
    {
        ClusterTime? next = _core?.NextWake;
        Invariant.Check(next is not { } due || due > _scheduler.Now, "what is due was done: the core does not spin");
        if (next == _wakeAt) return;
        _wakeAt = next;
        long ticket = ++_wakeTicket;
        if (next is not { } wake) return;
        TimeSpan delay = wake - _scheduler.Now;
        _scheduler.Schedule(delay, () =>
        {
            if (ticket != _wakeTicket) return;
            _wakeAt = null;
            Give(AgentEvent.TimeElapsed.Instance);
        });
    }

    /// <summary>Runs the action later unless the agent was killed meanwhile.</summary>
    private void After(TimeSpan delay, Action action)
    {
        int life = _life;
        _scheduler.Schedule(delay, () =>
        {
            if (life == _life && _core is not null) action();
        });
    }

    private TimeSpan Delay()
    {
        if (Faults.Slow > 0 && _random.NextDouble() < Faults.Slow) return Faults.SlowDelay;
        long span = Faults.LongestDelay.Ticks - Faults.ShortestDelay.Ticks;
        return Faults.ShortestDelay + TimeSpan.FromTicks((long)(_random.NextDouble() * span));
    }

    private void Count(string what) => Counts[what] = Counts.GetValueOrDefault(what) + 1;

    private sealed record Pending(TaskId TaskId, long OperationId, TaskOperation Operation);
}
