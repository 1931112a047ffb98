using Cluster.Raft.Members;
using Cluster.Raft.Storage;

namespace Cluster.Raft;

/// <summary>Begins the log of a new group. A member that joins a group does not call it: it starts empty and is sent the log.</summary>
public static class RaftBootstrap
{
    /// <summary>Writes and syncs the first configuration. The storage must be empty; a crash before the end leaves it empty.</summary>
    /// <returns>What to start the core from.</returns>
    public static RecoveredLog Initialize(IRaftStorage storage, Membership membership)
    {
        if (!storage.Recovered.IsEmpty)
            throw new InvalidOperationException("The storage already holds a log; a new group needs an empty one.");
        var entry = new LogEntry(1, 1, EntryKind.Configuration, MembershipCodec.Encode(membership));
        var hardState = new HardState(1, MemberId.None, 1);
        storage.Persist(new PersistBatch(0, hardState, null, [entry]));
        return new RecoveredLog(hardState, null, LogPosition.Zero, [entry]);
    }
}
