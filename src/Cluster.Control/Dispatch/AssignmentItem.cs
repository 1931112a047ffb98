using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Control.Dispatch;

/// <summary>One assignment with its digest.</summary>
public sealed record AssignmentItem(TaskAssignment Assignment, ImmutableArray<byte> Digest)
{
    public TaskId TaskId => Assignment.TaskId;
}
