using Cluster.Model.Ids;

namespace Cluster.Control.Scheduling;

/// <summary>Tasks that are alike to the scheduler: one service, one template.</summary>
internal readonly record struct GroupKey(ServiceId ServiceId, TemplateId Template) : IComparable<GroupKey>
{
    public int CompareTo(GroupKey other)
    {
        int order = ServiceId.CompareTo(other.ServiceId);
        return order == 0 ? Template.CompareTo(other.Template) : order;
    }
}
