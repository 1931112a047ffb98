using System.Collections.Immutable;
using Cluster.Agent.Sessions;
using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Agent.Tasks;

/// <summary>
/// The assignments that this node holds, with their digests, and from where in the cluster's history they are. A change is taken only
/// when the result has the digest that the manager computed for it.
/// </summary>
internal sealed class AssignmentSet
{
    private ImmutableSortedDictionary<TaskId, Item> _items = ImmutableSortedDictionary<TaskId, Item>.Empty;

    public ulong Incarnation { get; private set; }

    public ulong Version { get; private set; }

    public AssignmentSet(ulong incarnation, ulong version, IEnumerable<TaskAssignment> assignments)
    {
        (Incarnation, Version) = (incarnation, version);
        _items = _items.AddRange(assignments.Select(a => KeyValuePair.Create(a.TaskId, Item.Of(a))));
    }

    public IReadOnlyList<TaskAssignment> All => [.. _items.Values.Select(item => item.Assignment)];

    public ImmutableArray<byte> Digest => DigestOf(_items);

    public bool Contains(TaskId taskId) => _items.ContainsKey(taskId);

    public IReadOnlyList<InventoryItem> Inventory() => [.. _items.Select(pair => new InventoryItem(pair.Key, [.. pair.Value.Digest]))];

    /// <summary>Takes the message as a whole or, when the digests differ, not at all.</summary>
    public AssignmentChange? TryApply(ManagerMessage.Assignments message)
    {
        ImmutableSortedDictionary<TaskId, Item>.Builder next = (message.IsComplete ? _items.Clear() : _items).ToBuilder();
        foreach (TaskId removed in message.Removed) next.Remove(removed);
        foreach (TaskAssignment put in message.Put) next[put.TaskId] = Item.Of(put);
        ImmutableSortedDictionary<TaskId, Item> after = next.ToImmutable();
        if (!DigestOf(after).AsSpan().SequenceEqual(message.Digest.AsSpan())) return null;
        List<TaskAssignment> changed = [];
        foreach (TaskAssignment put in message.Put.OrderBy(p => p.TaskId))
        {
            if (!_items.TryGetValue(put.TaskId, out Item? before) || before.Assignment != put) changed.Add(put);
        }

        TaskId[] gone = [.. _items.Keys.Where(taskId => !after.ContainsKey(taskId))];
        bool isMoved = Incarnation != message.Incarnation || Version != message.Version;
        _items = after;
        (Incarnation, Version) = (message.Incarnation, message.Version);
        return new AssignmentChange(changed, gone, isMoved);
    }

    private static ImmutableArray<byte> DigestOf(ImmutableSortedDictionary<TaskId, Item> items) =>
        [.. AssignmentDigest.OfSet(items.Select(pair => (pair.Key, pair.Value.Digest)))];

    private sealed record Item(TaskAssignment Assignment, byte[] Digest)
    {
        public static Item Of(TaskAssignment assignment) => new(assignment, AssignmentDigest.Of(assignment));
    }
}

/// <param name="Put">Added or changed, in the order of ids.</param>
/// <param name="IsMoved">The incarnation or version is another.</param>
internal sealed record AssignmentChange(IReadOnlyList<TaskAssignment> Put, IReadOnlyList<TaskId> Removed, bool IsMoved);
