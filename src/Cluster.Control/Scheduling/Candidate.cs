using Cluster.Model.Ids;

namespace Cluster.Control.Scheduling;

/// <summary>
/// How much a service prefers a node, lowest first: nodes where it did not fail again and again, then those with the fewest of its
/// tasks, then those with the fewest tasks, then by id.
/// </summary>
internal readonly record struct Candidate(bool Penalised, int ActiveOfService, int Active, NodeId Id) : IComparable<Candidate>
{
    public int CompareTo(Candidate other)
    {
        int order = Penalised.CompareTo(other.Penalised);
        if (order == 0) order = ActiveOfService.CompareTo(other.ActiveOfService);
        if (order == 0) order = Active.CompareTo(other.Active);
        return order == 0 ? Id.CompareTo(other.Id) : order;
    }
}
