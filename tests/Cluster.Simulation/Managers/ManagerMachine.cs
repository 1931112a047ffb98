using Cluster.Raft;
using Cluster.Simulation.World;
using Cluster.Testing.Raft;

namespace Cluster.Simulation.Managers;

/// <summary>A manager's machine: its disk and clock, and the life that runs there now. Lives come and go, the disk stays.</summary>
internal sealed class ManagerMachine(SimulationWorld world, int number, MemberId member)
{
    public Endpoint Endpoint { get; } = new(IsManager: true, number);

    public MemberId Member => member;

    public string Address => Endpoint.ToString();

    public SimulatedRaftDisk Disk { get; } = new();

    public TimeSpan ExtraSync { get; set; }

    /// <summary>How far its wall clock is off.</summary>
    public TimeSpan ClockError { get; set; }

    /// <summary>Null while it is down.</summary>
    public ManagerProcess? Process { get; private set; }

    public void Start()
    {
        if (Process is not null) return;
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
        Disk.Crash(world.Random);
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
