using Cluster.Model.States;

namespace Cluster.Api.Codec;

public static partial class EnumCodec
{
    public static V1.NodeRole ToProto(this NodeRole value) => value switch
    {
        NodeRole.Worker => V1.NodeRole.Worker,
        NodeRole.Manager => V1.NodeRole.Manager,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static NodeRole ToModel(this V1.NodeRole value, string field) => value switch
    {
        V1.NodeRole.Worker => NodeRole.Worker,
        V1.NodeRole.Manager => NodeRole.Manager,
        _ => throw Unknown(field, (int)value, "worker, manager"),
    };

    public static V1.NodeAvailability ToProto(this NodeAvailability value) => value switch
    {
        NodeAvailability.Active => V1.NodeAvailability.Active,
        NodeAvailability.Pause => V1.NodeAvailability.Pause,
        NodeAvailability.Drain => V1.NodeAvailability.Drain,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static NodeAvailability ToModel(this V1.NodeAvailability value, string field) => value switch
    {
        V1.NodeAvailability.Active => NodeAvailability.Active,
        V1.NodeAvailability.Pause => NodeAvailability.Pause,
        V1.NodeAvailability.Drain => NodeAvailability.Drain,
        _ => throw Unknown(field, (int)value, "active, pause, drain"),
    };

    public static V1.NodeState ToProto(this NodeState value) => value switch
    {
        NodeState.Unknown => V1.NodeState.Unknown,
        NodeState.Down => V1.NodeState.Down,
        NodeState.Ready => V1.NodeState.Ready,
        NodeState.Disconnected => V1.NodeState.Disconnected,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static NodeState ToModel(this V1.NodeState value, string field) => value switch
    {
        V1.NodeState.Unknown => NodeState.Unknown,
        V1.NodeState.Down => NodeState.Down,
        V1.NodeState.Ready => NodeState.Ready,
        V1.NodeState.Disconnected => NodeState.Disconnected,
        V1.NodeState.Unspecified => NodeState.Unknown,
        _ => throw Unknown(field, (int)value, "unknown, down, ready, disconnected"),
    };

    public static V1.TaskState ToProto(this TaskState value) => value switch
    {
        TaskState.New => V1.TaskState.New,
        TaskState.Pending => V1.TaskState.Pending,
        TaskState.Assigned => V1.TaskState.Assigned,
        TaskState.Accepted => V1.TaskState.Accepted,
        TaskState.Preparing => V1.TaskState.Preparing,
        TaskState.Ready => V1.TaskState.Ready,
        TaskState.Starting => V1.TaskState.Starting,
        TaskState.Running => V1.TaskState.Running,
        TaskState.Complete => V1.TaskState.Complete,
        TaskState.Shutdown => V1.TaskState.Shutdown,
        TaskState.Failed => V1.TaskState.Failed,
        TaskState.Rejected => V1.TaskState.Rejected,
        TaskState.Remove => V1.TaskState.Remove,
        TaskState.Orphaned => V1.TaskState.Orphaned,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static TaskState ToModel(this V1.TaskState value, string field) => value switch
    {
        V1.TaskState.New => TaskState.New,
        V1.TaskState.Pending => TaskState.Pending,
        V1.TaskState.Assigned => TaskState.Assigned,
        V1.TaskState.Accepted => TaskState.Accepted,
        V1.TaskState.Preparing => TaskState.Preparing,
        V1.TaskState.Ready => TaskState.Ready,
        V1.TaskState.Starting => TaskState.Starting,
        V1.TaskState.Running => TaskState.Running,
        V1.TaskState.Complete => TaskState.Complete,
        V1.TaskState.Shutdown => TaskState.Shutdown,
        V1.TaskState.Failed => TaskState.Failed,
        V1.TaskState.Rejected => TaskState.Rejected,
        V1.TaskState.Remove => TaskState.Remove,
        V1.TaskState.Orphaned => TaskState.Orphaned,
        _ => throw Unknown(field, (int)value, "new, pending, assigned, accepted, preparing, ready, starting, running, complete, shutdown, failed, rejected, remove, orphaned"),
    };

    /// <summary>For requests that may leave the availability out.</summary>
    public static NodeAvailability ToModelOrActive(this V1.NodeAvailability value, string field) =>
        value == V1.NodeAvailability.Unspecified ? NodeAvailability.Active : value.ToModel(field);
}
