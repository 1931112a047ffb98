using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Control.Orchestration;

/// <summary>The one way in which a slot's task is exchanged: old one to Shutdown and new one made, in the same transaction.</summary>
internal static class SlotReplacement
{
    /// <summary>Rows that one exchange writes at most: both tasks and the slot's history.</summary>
    public const int Rows = 3;

    /// <summary>
    /// For a task that ended by itself. The policy decides; without a successor the ended task stays as the slot's memory.
    /// </summary>
    public static Report? AfterEnd(StoreView view, ServiceRecord service, TaskRecord ended, DecisionContext context)
    {
        var policy = service.Spec.Restart;
        if (!RestartRules.WantsSuccessor(policy, ended))
        {
            Retire(ended, context);
            return null;
        }

        SlotKey slot = DirtySet.SlotOf(ended);
        RestartHistory? history = view.GetRestartHistory(slot);
        if (!RestartRules.HasAttemptsLeft(policy, history, context.Now))
        {
            Retire(ended, context);
            return new("restart", $"{service.Spec.Name}.{ended.Slot}", $"not restarted: {policy.MaxAttempts} attempts of its restart policy are used up");
        }

        Retire(ended, context);
        if (RestartRules.CountsAttempts(policy)) context.Put(history, RestartRules.WithAttempt(policy, history, slot, context.Now));
        ClusterTime startAfter = context.Now + RestartRules.DelayAfter(policy, ended);
        Make(service, ended, startAfter, startAfter > context.Now ? TaskState.Ready : TaskState.Running, $"restart of {ended.Id}", context);
        return null;
    }

    /// <summary>
    /// For a task that its node cannot run any more: no delay, no attempt counted. With <paramref name="waitForEnd"/> the new one is
    /// prepared and started when the slot's old tasks have stopped. One that was waiting itself hands on what is left of its delay.
    /// </summary>
    public static void AwayFromNode(ServiceRecord service, TaskRecord old, bool waitForEnd, string reason, DecisionContext context)
    {
        Retire(old, context);
        if (!RestartRules.WantsSuccessor(service.Spec.Restart, old)) return;
        ClusterTime startAfter = old.DesiredState == TaskState.Ready && old.StartAfter > context.Now ? old.StartAfter : context.Now;
        bool wait = waitForEnd || startAfter > context.Now;
        Make(service, old, wait ? startAfter : default, wait ? TaskState.Ready : TaskState.Running, reason, context);
    }

    private static void Retire(TaskRecord task, DecisionContext context) => context.Put(task, task with { DesiredState = TaskState.Shutdown });

    private static void Make(ServiceRecord service, TaskRecord old, ClusterTime startAfter, TaskState desired, string reason, DecisionContext context) =>
        context.Put(null, new TaskRecord
        {
            Id = context.NewTaskId(),
            ServiceId = service.Id,
            Slot = old.Slot,
            Template = service.Template,
            DesiredState = desired,
            StartAfter = startAfter,
            Status = TaskStatus.New with { Since = context.Now, Message = reason },
        });
}
