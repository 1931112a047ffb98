using Cluster.Model.Ids;
using Cluster.Model.Time;

namespace Cluster.Store.Rows;

/// <summary>Orders requests by age, oldest first.</summary>
internal readonly record struct RequestAgeKey(ClusterTime At, RequestId Id) : IComparable<RequestAgeKey>
{
    public int CompareTo(RequestAgeKey other)
    {
        int order = At.CompareTo(other.At);
        return order == 0 ? Id.CompareTo(other.Id) : order;
    }
}
