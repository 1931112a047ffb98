using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Raft;
using Cluster.Store;

namespace Cluster.Manager.Peers;

/// <summary>
/// Where the members are. Fed with committed rows, which say who is who, and with what members say of themselves when they call, which is
/// newer when a member has moved. Kept in a file, so that a group that was down as a whole finds itself before it knows what is committed.
/// Any thread. What must hold: an address never decides who somebody is, only where to look.
/// </summary>
internal sealed class PeerBook(PeerBookFile file)
{
    /// <summary>Far more than a cluster has managers: a bound on what callers can make this manager remember.</summary>
    private const int MaxMembers = 64;

    private readonly object _lock = new();
    private ImmutableSortedDictionary<MemberId, PeerRecord> _members =
        file.Load().ToImmutableSortedDictionary(entry => entry.Key, entry => new PeerRecord(entry.Value, RowAddress: null, Node: null));

    /// <summary>Told of a member that has another address now, or has just shown that it is there. Must neither wait nor throw.</summary>
    public event Action<MemberId>? Seen;

    public string? AddressOf(MemberId member) => Volatile.Read(ref _members).GetValueOrDefault(member)?.Address;

    /// <summary>The node that a committed row says is this member; null when none does (here, yet).</summary>
    public NodeId? NodeOf(MemberId member) => Volatile.Read(ref _members).GetValueOrDefault(member)?.Node;

    /// <summary>A member has called and said where it is.</summary>
    public void Heard(MemberId member, string address)
    {
        Update(members =>
        {
            PeerRecord? known = members.GetValueOrDefault(member);
            if (known is null && members.Count >= MaxMembers) return members;
            return members.SetItem(member, known is null ? new PeerRecord(address, null, null) : known with { Address = address });
        });
        Seen?.Invoke(member);
    }

    /// <summary>Takes in the rows of a whole state: at the start, and when a snapshot has replaced the state.</summary>
    public void Follow(StoreView state)
    {
        ImmutableArray<NodeRecord> managers = [.. state.Nodes.Where(node => node.Manager is not null)];
        foreach (NodeRecord node in managers) Committed(node);
        if (managers.Length == 0) return;
        ImmutableHashSet<ulong> ids = [.. managers.Select(node => node.Manager!.RaftMemberId)];
        Update(members => members.RemoveRange(members.Where(m => m.Value.Node is not null && !ids.Contains(m.Key.Value)).Select(m => m.Key)));
    }

    /// <summary>Takes in the rows that a commit has changed.</summary>
    public void Follow(IReadOnlyList<Change> changes)
    {
        foreach (Change change in changes)
        {
            if (change.Table != Table.Nodes) continue;
            ManagerInfo? before = (change.Before as NodeRecord)?.Manager, after = (change.After as NodeRecord)?.Manager;
            if (after is not null) Committed((NodeRecord)change.After!);
            if (before is not null && before.RaftMemberId != after?.RaftMemberId) Update(members => members.Remove(new MemberId(before.RaftMemberId)));
        }
    }

    private void Committed(NodeRecord node)
    {
        MemberId member = new(node.Manager!.RaftMemberId);
        string address = node.Manager.Address;
        bool isNews = false;
        Update(members =>
        {
            PeerRecord? known = members.GetValueOrDefault(member);
            if (known is not null && known.RowAddress == address && known.Node == node.Id) return members;

            // A row that says what it said before is not newer than what the member has said since.
            isNews = known?.Address != address && known?.RowAddress != address;
            return members.SetItem(member, new PeerRecord(isNews || known is null ? address : known.Address, address, node.Id));
        });
        if (isNews) Seen?.Invoke(member);
    }

    private void Update(Func<ImmutableSortedDictionary<MemberId, PeerRecord>, ImmutableSortedDictionary<MemberId, PeerRecord>> change)
    {
        lock (_lock)
        {
            ImmutableSortedDictionary<MemberId, PeerRecord> before = _members, after = change(before);
            if (ReferenceEquals(before, after)) return;
            Volatile.Write(ref _members, after);
            if (!before.Select(m => (m.Key, m.Value.Address)).SequenceEqual(after.Select(m => (m.Key, m.Value.Address))))
                file.Save([.. after.Select(m => KeyValuePair.Create(m.Key, m.Value.Address))]);
        }
    }
}
