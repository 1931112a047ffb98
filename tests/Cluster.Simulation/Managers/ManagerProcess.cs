using Cluster.Simulation.World;
using Cluster.Store;

namespace Cluster.Simulation.Managers;

/// <summary>One life of a manager: consensus, control and sessions as in the manager role, each on what would be its own thread.</summary>
internal sealed class ManagerProcess
{
    /// <summary>Both rarer than in the manager role, so that less of a run is spent on finding that nothing is to be done.</summary>
    private static readonly TimeSpan SessionTick = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MembersTick = TimeSpan.FromMilliseconds(500);

    private readonly SimulationWorld _world;
    private readonly MembersDriver _members;
    private readonly TimeSpan _handOver;
    private bool _isDead;

    public ManagerProcess(SimulationWorld world, ManagerMachine machine)
    {
        (_world, Machine, Group) = (world, machine, machine.Group);
        _handOver = world.Random.Between(0.00001, 0.002);
        Raft = new RaftDriver(world, this);
        Control = new ControlDriver(world, this);
        Leader = new LeaderCalls(world, this);
        Liveness = new LivenessDriver(world, this);
        Sessions = new SessionDriver(world, this);
        _members = new MembersDriver(world, this);
    }

    public ManagerMachine Machine { get; }

    public ManagerGroup Group { get; }

    public string Name => Machine.Address;

    public RaftDriver Raft { get; }

    public ControlDriver Control { get; }

    public LeaderCalls Leader { get; }

    public LivenessDriver Liveness { get; }

    public SessionDriver Sessions { get; }

    public bool IsAlive => !_isDead;

    public void Start()
    {
        (StoreSnapshot state, ulong appliedIndex) = Raft.Open();
        Control.Start(state, appliedIndex);
        Raft.Start();
        PlanSessionTick();
        PlanMembersTick();
    }

    public void Die()
    {
        _isDead = true;
        Sessions.Die();
    }

    /// <summary>Runs the action later, unless the process is dead by then.</summary>
    public void After(TimeSpan delay, Action action) => _world.Queue.Schedule(delay, () =>
    {
        if (!_isDead) action();
    });

    /// <summary>From one thread of the process to another: takes a moment, keeps the order.</summary>
    public void HandOver(Action action) => After(_handOver, action);

    private void PlanMembersTick() => After(MembersTick, () =>
    {
        _members.Tick();
        PlanMembersTick();
    });

    private void PlanSessionTick() => After(SessionTick, () =>
    {
        Control.Post(() =>
        {
            Sessions.Tick();
            Liveness.Tick();
            Sessions.Report();
        });
        PlanSessionTick();
    });
}
