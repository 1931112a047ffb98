using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Simulation.World;

/// <summary>A name for the trace that a person can keep apart. It becomes text only when somebody reads along.</summary>
/// <param name="Service">Null: what it names is no task.</param>
internal readonly record struct Short(UInt128 Id, string? Service, int Slot)
{
    public static Short Of(NodeId id) => new(id.Value, null, 0);

    public static Short Of(TaskId id) => new(id.Value, null, 0);

    public static Short Of(StoreView view, TaskRecord task) => new(task.Id.Value, view.GetService(task.ServiceId)?.Spec.Name ?? Of(task.ServiceId).ToString(), task.Slot);

    public override string ToString()
    {
        if (Id == 0) return "-";
        string id = new TaskId(Id).ToString()[^6..];
        return Service is null ? id : $"{Service}.{Slot}.{id}";
    }

    private static Short Of(ServiceId id) => new(id.Value, null, 0);
}
