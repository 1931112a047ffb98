using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;

namespace Cluster.Control.Orchestration;

/// <summary>
/// Whether and when a slot gets a new task. Swarm's rules (swarmkit manager/orchestrator/restart), with two additions: only tasks that
/// ended by themselves count as attempts, and a task that fails at once waits longer each time. The back-off needs no counter: a task
/// knows the delay that it had itself (<see cref="TaskRecord.StartAfter"/> less its creation), and its successor gets twice that.
/// </summary>
internal static class RestartRules
{
    /// <summary>Longest back-off; a longer delay in the policy stands.</summary>
    public static readonly TimeSpan MaxBackOff = TimeSpan.FromMinutes(5);

    /// <summary>A task that failed within this time after it was allowed to start failed at once.</summary>
    public static readonly TimeSpan Quick = TimeSpan.FromSeconds(10);

    /// <summary>Attempts are counted up to here; a policy that allows more is unlimited.</summary>
    public const int MaxCountedAttempts = 1_000;

    private static readonly TimeSpan SmallestBackOff = TimeSpan.FromSeconds(1);

    /// <summary>Whether the policy wants a successor for a task that ended, or whose node cannot run it any more.</summary>
    public static bool WantsSuccessor(RestartPolicy policy, TaskRecord task) => policy.Condition switch
    {
        RestartCondition.Any => true,
        RestartCondition.OnFailure => task.Status.State != TaskState.Complete,
        _ => false,
    };

    public static bool CountsAttempts(RestartPolicy policy) => policy.MaxAttempts is > 0 and <= MaxCountedAttempts;

    public static bool HasAttemptsLeft(RestartPolicy policy, RestartHistory? history, ClusterTime now)
    {
        if (!CountsAttempts(policy) || history is null) return true;
        if (policy.Window <= TimeSpan.Zero) return history.Attempts.Count < policy.MaxAttempts;
        return history.Attempts.Count(at => now - at <= policy.Window) < policy.MaxAttempts;
    }

    /// <summary>The history with one more attempt, and no more of them than the policy can ask for.</summary>
    public static RestartHistory WithAttempt(RestartPolicy policy, RestartHistory? history, SlotKey slot, ClusterTime now)
    {
        IEnumerable<ClusterTime> attempts = (history?.Attempts ?? []).Append(now);
        return new(slot, attempts.TakeLast(policy.MaxAttempts).ToValueList());
    }

    /// <summary>How long the successor of a task that ended by itself waits.</summary>
    public static TimeSpan DelayAfter(RestartPolicy policy, TaskRecord ended)
    {
        TimeSpan delay = policy.Delay > TimeSpan.Zero ? policy.Delay : TimeSpan.Zero;
        if (!FailedAtOnce(ended) || ended.StartAfter.IsNone) return delay;
        TimeSpan own = ended.StartAfter - ended.Meta.CreatedAt;
        TimeSpan doubled = own * 2 > SmallestBackOff ? own * 2 : SmallestBackOff;
        if (doubled > MaxBackOff) doubled = MaxBackOff;
        return doubled > delay ? doubled : delay;
    }

    /// <summary>Never ran (Rejected), or failed soon after it was allowed to start.</summary>
    private static bool FailedAtOnce(TaskRecord task)
    {
        if (task.Status.State == TaskState.Rejected) return true;
        ClusterTime allowed = task.StartAfter > task.Meta.CreatedAt ? task.StartAfter : task.Meta.CreatedAt;
        return task.Status.State == TaskState.Failed && task.Status.Since - allowed <= Quick;
    }
}
