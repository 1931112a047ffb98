using Cluster.Agent.Sessions;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Time;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Agent.Tasks;

/// <summary>
/// The statuses that no manager has acknowledged. A batch goes at once when none is on its way, else <see cref="Window"/> after the one
/// before; what was on its way when a session ended goes again in the next.
/// </summary>
internal sealed class StatusOutbox
{
    public const int BatchLimit = 1000;
    private const int InFlightLimit = 16;
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly SortedSet<TaskId> _waiting = [];
    private readonly Queue<(ulong Sequence, List<TaskId> TaskIds)> _inFlight = [];
    private ulong _lastSequence;
    private ClusterTime _lastSentAt;

    /// <summary>When the next batch may go; null when there is nothing to send or all that may be on its way is.</summary>
    public ClusterTime? NextSendAt =>
        _waiting.Count == 0 || _inFlight.Count >= InFlightLimit ? null : _inFlight.Count == 0 ? ClusterTime.Zero : _lastSentAt + Window;

    public void Add(TaskId taskId) => _waiting.Add(taskId);

    public void Forget(TaskId taskId) => _waiting.Remove(taskId);

    public void SessionOpened()
    {
        Invariant.Check(_inFlight.Count == 0, "a session opens after the one before was closed");
        _lastSequence = 0;
        _lastSentAt = default;
    }

    public void SessionClosed()
    {
        while (_inFlight.TryDequeue(out (ulong Sequence, List<TaskId> TaskIds) batch)) _waiting.UnionWith(batch.TaskIds);
    }

    public void Acknowledge(ulong sequence)
    {
        while (_inFlight.TryPeek(out (ulong Sequence, List<TaskId> TaskIds) batch) && batch.Sequence <= sequence) _inFlight.Dequeue();
    }

    /// <param name="now">The present time.</param>
    /// <param name="statusOf">Null: the task is gone, there is nothing to report.</param>
    public AgentMessage.Statuses? TakeBatch(ClusterTime now, Func<TaskId, TaskStatus?> statusOf)
    {
        if (NextSendAt is not { } at || at > now) return null;
        List<TaskId> taskIds = [.. _waiting.Take(BatchLimit)];
        List<TaskStatusUpdate> updates = new(taskIds.Count);
        foreach (TaskId taskId in taskIds)
        {
            _waiting.Remove(taskId);
            if (statusOf(taskId) is { } status) updates.Add(new TaskStatusUpdate(taskId, status));
        }

        if (updates.Count == 0) return null;
        _inFlight.Enqueue((++_lastSequence, taskIds));
        _lastSentAt = now;
        return new AgentMessage.Statuses(_lastSequence, updates);
    }
}
