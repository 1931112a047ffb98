using Cluster.Raft.Storage;
using Cluster.Testing.Raft;

namespace Cluster.UnitTests.Raft.Storage;

public sealed class SimulatedRaftStorageTests : RaftStorageContract
{
    private SimulatedRaftDisk _disk = new();

    protected override IRaftStorage Open() => _disk.Open();

    protected override void Erase() => _disk = new SimulatedRaftDisk();
}
