using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Store.Rows;

internal partial struct Tables
{
    public TaskRecord? Put(TaskRecord row)
    {
        Invariant.Check(!row.Id.IsNone, "a task needs an id");
        Tasks.Set(row.Id, row, out TaskRecord? before);
        if (before is not null) Unindex(before, row);
        TasksByService.Set(ServiceKey(row), row);
        if (!row.NodeId.IsNone) TasksByNode.Set(new(row.NodeId, row.Id), row);
        if (before?.Template != row.Template)
        {
            Refer(row.Template, 1);
            if (before is not null) Refer(before.Template, -1);
        }

        return before;
    }

    public TaskRecord? DeleteTask(TaskId id)
    {
        TaskRecord? before = Tasks.Get(id);
        if (before is null) return null;
        Unindex(before, null);
        Tasks.Remove(id);
        Refer(before.Template, -1);
        return before;
    }

    /// <summary>Removes the index entries of the old row that the new one does not overwrite.</summary>
    private void Unindex(TaskRecord before, TaskRecord? after)
    {
        if (after is null || ServiceKey(before) != ServiceKey(after)) TasksByService.Remove(ServiceKey(before));
        if (!before.NodeId.IsNone && before.NodeId != (after?.NodeId ?? default)) TasksByNode.Remove(new(before.NodeId, before.Id));
    }

    /// <summary>Counts more or fewer references to a template.</summary>
    public void Refer(TemplateId template, int by)
    {
        if (template.IsNone) return;
        int uses = TemplateUses.Get(template) + by;
        Invariant.Check(uses >= 0, "a template is let go of as often as it is referred to");
        if (uses == 0) TemplateUses.Remove(template);
        else TemplateUses.Set(template, uses);
    }

    private static ServiceTaskKey ServiceKey(TaskRecord row) => new(row.ServiceId, row.Id, row.Slot);
}
