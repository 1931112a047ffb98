using Cluster.Raft.Messages;
using Cluster.Raft.Storage;

namespace Cluster.Manager.Peers;

/// <summary>A snapshot that is on its way, with what of it is here. One thread at a time.</summary>
internal sealed class PartialSnapshot(InstallSnapshot install, ulong length, IRaftSnapshotWriter writer) : IDisposable
{
    public ulong Length => length;

    public ulong Received { get; private set; }

    /// <summary>Whether an offer is of the same bytes: another sender's may be written by another version.</summary>
    public bool IsOf(InstallSnapshot other, ulong otherLength) =>
        install.From == other.From && install.Snapshot.Position == other.Snapshot.Position && install.Snapshot.Membership.Equals(other.Snapshot.Membership) && length == otherLength;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        writer.Content.Write(bytes);
        Received += (ulong)bytes.Length;
    }

    public void Commit() => writer.Commit();

    public void Dispose() => writer.Dispose();
}
