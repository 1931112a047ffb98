using Cluster.Control.Allocation;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Control.Dispatch;

/// <summary>
/// Takes in what agents report of their tasks: only of their own, only states that are theirs to write, never backwards. A report that
/// says nothing new writes nothing. A task that ends gives back its ports in the same transaction. The time of a state is cluster
/// time, not the node's clock.
/// </summary>
public static class StatusUpdates
{
    /// <summary>Reports for one transaction; the caller splits longer lists.</summary>
    public const int MaxBatch = 1_000;

    /// <summary>Longest message or error that is kept.</summary>
    public const int MaxText = 1_000;

    public static StatusUpdateResult Apply(WorkingTransaction transaction, NodeId node, IReadOnlyList<TaskStatusUpdate> updates)
    {
        int applied = 0;
        int refused = 0;
        foreach (TaskStatusUpdate update in updates)
        {
            TaskRecord? task = transaction.GetTask(update.TaskId);
            if (task is null) continue;
            if (task.NodeId != node || !IsAgentState(update.Status.State))
            {
                refused++;
                continue;
            }

            if (Next(task.Status, update.Status, transaction) is not { } status) continue;
            if (status.State.IsTerminal()) HostPortClaims.Release(transaction, task);
            transaction.Put(task with { Status = status });
            applied++;
        }

        return new(applied, updates.Count - applied - refused, refused);
    }

    private static bool IsAgentState(TaskState state) =>
        state is TaskState.Accepted or TaskState.Preparing or TaskState.Ready or TaskState.Starting or TaskState.Running
            or TaskState.Complete or TaskState.Shutdown or TaskState.Failed or TaskState.Rejected;

    /// <summary>
    /// The new status, or null when the report is old or says nothing new. A task ends once: how it ended stands. Its process starts
    /// once: a report without it is of an agent that had not looked yet, perhaps overtaken on its way by a later one.
    /// </summary>
    private static TaskStatus? Next(TaskStatus known, TaskStatus reported, WorkingTransaction transaction)
    {
        if (reported.State < known.State || (known.State.IsTerminal() && reported.State != known.State)) return null;
        TaskStatus next = reported with
        {
            Since = reported.State == known.State ? known.Since : transaction.Now,
            Message = Cut(reported.Message),
            Error = Cut(reported.Error),
            ExitCode = reported.State.IsTerminal() ? reported.ExitCode : null,
            Pid = reported.State.IsTerminal() ? 0 : reported.Pid > 0 ? reported.Pid : known.Pid,
        };
        return next == known ? null : next;
    }

    private static string Cut(string text) => text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, MaxText - 3), "...");
}
