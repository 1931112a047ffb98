using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Control.Dispatch;

/// <summary>How to get from what an agent holds to what it is to hold; the digest is that of the result.</summary>
/// <param name="Position">The version that the agent is at afterwards.</param>
/// <param name="IsComplete">Whatever the agent holds beside <paramref name="Put"/> goes.</param>
/// <param name="Put">New or changed, by task id.</param>
/// <param name="Removed">To be forgotten, by task id.</param>
/// <param name="Digest">Of the resulting set.</param>
public sealed record AssignmentDelta(
    AgentPosition Position, bool IsComplete, ImmutableArray<TaskAssignment> Put, ImmutableArray<TaskId> Removed, ImmutableArray<byte> Digest)
{
    public bool IsEmpty => !IsComplete && Put.IsEmpty && Removed.IsEmpty;

    public static AssignmentDelta Complete(AssignmentSet current) =>
        new(current.Position, true, [.. current.Items.Select(static i => i.Assignment)], [], current.Digest);

    /// <summary>From the set that was sent last.</summary>
    public static AssignmentDelta Between(AssignmentSet held, AssignmentSet current) =>
        Between(held.Items.Select(static i => (i.TaskId, i.Digest)), current);

    /// <summary>From what the agent says that it holds, in any order.</summary>
    public static AssignmentDelta FromInventory(IEnumerable<(TaskId TaskId, ImmutableArray<byte> Digest)> held, AssignmentSet current) =>
        Between(held.DistinctBy(static h => h.TaskId).OrderBy(static h => h.TaskId), current);

    private static AssignmentDelta Between(IEnumerable<(TaskId TaskId, ImmutableArray<byte> Digest)> held, AssignmentSet current)
    {
        ImmutableArray<TaskAssignment>.Builder put = ImmutableArray.CreateBuilder<TaskAssignment>();
        ImmutableArray<TaskId>.Builder removed = ImmutableArray.CreateBuilder<TaskId>();
        int next = 0;
        foreach ((TaskId id, ImmutableArray<byte> digest) in held)
        {
            while (next < current.Items.Length && current.Items[next].TaskId.CompareTo(id) < 0) put.Add(current.Items[next++].Assignment);
            if (next == current.Items.Length || current.Items[next].TaskId != id)
            {
                removed.Add(id);
                continue;
            }

            AssignmentItem item = current.Items[next++];
            if (digest.IsDefault || !digest.AsSpan().SequenceEqual(item.Digest.AsSpan())) put.Add(item.Assignment);
        }

        for (; next < current.Items.Length; next++) put.Add(current.Items[next].Assignment);
        return new(current.Position, false, put.ToImmutable(), removed.ToImmutable(), current.Digest);
    }
}
