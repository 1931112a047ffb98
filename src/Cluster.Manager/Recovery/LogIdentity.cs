using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Raft;
using Cluster.Raft.Storage;

namespace Cluster.Manager.Recovery;

/// <summary>Whose log it is, where, and what seals and opens it.</summary>
public sealed record LogIdentity(string Directory, ClusterId ClusterId, ulong Incarnation, ulong RaftMemberId, ImmutableArray<byte> DataKey)
{
    /// <summary>Open what was written before.</summary>
    public ImmutableArray<ImmutableArray<byte>> OlderDataKeys { get; init; } = [];

    internal FileRaftStorage Open() =>
        FileRaftStorage.Open(Directory, new StorageIdentity(ClusterId.Value, Incarnation, new MemberId(RaftMemberId)), new RaftDataKeys(DataKey, OlderDataKeys), new FileRaftStorageOptions());

    public override string ToString() => $"log of member {RaftMemberId:x16} in {Directory}";
}
