using Cluster.Model.Ids;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Control.Dispatch;

/// <summary>What an agent says of one of its tasks.</summary>
public readonly record struct TaskStatusUpdate(TaskId TaskId, TaskStatus Status);
