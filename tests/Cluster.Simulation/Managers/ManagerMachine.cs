using Cluster.Raft;
using Cluster.Simulation.World;
using Cluster.Testing.Raft;

namespace Cluster.Simulation.Managers;

/// <summary>
/// A machine that may be a manager: its disk and clock, and the life that runs there now. Lives come and go, the disk stays until the machine
/// gives up the role.
/// </summary>
internal sealed class ManagerMachine(SimulationWorld world, int number)
{
    public Endpoint Endpoint { get; } = new(IsManager: true, number);

    /// <summary>None: it is no manager.</summary>
    public MemberId Member { get; private set; }

    /// <summary>Whose log its disk holds.</summary>
    public ManagerGroup Group { get; private set; } = world.Group;

    public bool HasRole => !Member.IsNone;

    /// <summary>Begins the group, alone; all others join it.</summary>
    public bool IsFounder { get; private set; }

    public string Address { get; } = new Endpoint(IsManager: true, number).ToString();

    public SimulatedRaftDisk Disk { get; private set; } = new();

    public TimeSpan ExtraSync { get; set; }

    /// <summary>The part of the proposals that its consensus does not take.</summary>
    public double ProposalLoss { get; set; }

    public MachineClock Clock { get; } = new(world.Queue);

    /// <summary>Null while it is down.</summary>
    public ManagerProcess? Process { get; private set; }

    /// <summary>Becomes a manager: a new member of the group, who knows nothing.</summary>
    public void TakeRole(bool isFounder)
    {
        (Member, IsFounder, Disk, Group) = (new MemberId((ulong)world.Random.NextInt64(1, long.MaxValue)), isFounder, new SimulatedRaftDisk(), world.Group);
        world.Trace.Line(Address, $"becomes a manager, member {Member}");
    }

    /// <summary>Is no manager any more, and forgets what it knew as one.</summary>
    public void GiveUpRole()
    {
        world.Trace.Line(Address, "is no manager any more");
        ManagerProcess? process = Process;
        Process = null;
        process?.Die();
        (Member, IsFounder) = (MemberId.None, false);
    }

    /// <summary>Begins what goes on in another incarnation, with what is on this disk.</summary>
    public void BeginGroup(MemberId member, SimulatedRaftDisk disk)
    {
        (Member, IsFounder, Disk, Group) = (member, false, disk, world.Group);
        world.Trace.Line(Address, $"is the only manager, member {member}");
    }

    /// <summary>The disk is gone, and with it the member: the machine comes back as another one, who knows nothing.</summary>
    public void LoseDisk()
    {
        world.Trace.Line(Address, "loses its disk");
        ManagerProcess? process = Process;
        Process = null;
        process?.Die();
        Group.Lost(Member, Disk.Durable, world.Queue.Elapsed);
        TakeRole(isFounder: false);
    }

    /// <summary>Managers of an incarnation that is over stay down, but for those who are let back in.</summary>
    public void Start()
    {
        if (Group == world.Group) StartInOldGroup();
    }

    public void StartInOldGroup()
    {
        if (Process is not null || !HasRole) return;
        world.Trace.Line(Address, "starts");
        Process = new ManagerProcess(world, this);
        Process.Start();
    }

    /// <summary>Power is lost: what was not synced is gone, but for a random beginning of it.</summary>
    public void Crash(string reason)
    {
        if (Process is null) return;
        bool hadUnsynced = Disk.UnsyncedCount > 0;
        world.Trace.Line(Address, $"crashes: {reason}{(hadUnsynced ? ", with unsynced writes" : "")}");
        if (hadUnsynced) world.Counts.Add("fault: crash with unsynced writes");
        ManagerProcess process = Process;
        Process = null;
        process.Die();
        (int kept, int lost) = Disk.Crash(world.Random);
        if (hadUnsynced) world.Counts.Add(kept == 0 ? "fault: unsynced writes lost" : lost > 0 ? "fault: unsynced writes torn" : "fault: unsynced writes kept");
    }

    public void CrashFor(TimeSpan time, string reason)
    {
        if (Process is null) return;
        Crash(reason);
        world.Queue.Schedule(time, () =>
        {
            Disk.IsFull = false;
            Start();
        });
    }
}
