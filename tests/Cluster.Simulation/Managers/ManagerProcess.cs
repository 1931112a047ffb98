using Cluster.Simulation.World;
using Cluster.Store;

namespace Cluster.Simulation.Managers;

/// <summary>One life of a manager: consensus, control and sessions as in the manager role, each on what would be its own thread.</summary>
internal sealed class ManagerProcess
{
    /// <summary>Both rarer than in the manager role, so that less of a run is spent on finding that nothing is to be done.</summary>
    private static readonly TimeSpan SessionTick = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MembersTick = TimeSpan.FromSeconds(1);

    private readonly SimulationWorld _world;
    private readonly MembersDriver _members;
    private readonly TimeSpan _handOver;
    private readonly Life _life = new();
    private readonly Action _membersTick;
    private readonly Action _sessionTick;
    private readonly Action _sessionTurn;

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
        _membersTick = TickMembers;
        _sessionTick = TickSessions;
        _sessionTurn = TurnSessions;
    }

    public ManagerMachine Machine { get; }

    public ManagerGroup Group { get; }

    public string Name => Machine.Address;

    public RaftDriver Raft { get; }

    public ControlDriver Control { get; }

    public LeaderCalls Leader { get; }

    public LivenessDriver Liveness { get; }

    public SessionDriver Sessions { get; }

    public bool IsAlive => !_life.IsOver;

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
        _life.End();
        Sessions.Die();
    }

    /// <summary>Runs the action later, unless the process is dead by then.</summary>
    public void After(TimeSpan delay, Action action) => _world.Queue.Schedule(delay, action, _life);

    /// <summary>From one thread of the process to another: takes a moment, keeps the order.</summary>
    public void HandOver(Action action) => After(_handOver, action);

    private void PlanMembersTick() => After(MembersTick, _membersTick);

    private void TickMembers()
    {
        _members.Tick();
        PlanMembersTick();
    }

    private void PlanSessionTick() => After(SessionTick, _sessionTick);

    private void TickSessions()
    {
        Control.Post(_sessionTurn);
        PlanSessionTick();
    }

    private void TurnSessions()
    {
        Sessions.Tick();
        Liveness.Tick();
        Sessions.Report();
    }
}
