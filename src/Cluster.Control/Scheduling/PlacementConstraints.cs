using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Control.Scheduling;

/// <summary>The constraints of a service, parsed once. One that cannot be parsed never matches: better no place than a wrong one.</summary>
internal sealed class PlacementConstraints
{
    private readonly ConstraintRule?[] _rules;

    private PlacementConstraints(ConstraintRule?[] rules) => _rules = rules;

    public static PlacementConstraints Of(Placement placement) => new([.. placement.Constraints.Select(ConstraintRule.Parse)]);

    public bool Matches(NodeRecord node)
    {
        foreach (ConstraintRule? rule in _rules)
        {
            if (rule is null || !rule.Matches(node)) return false;
        }

        return true;
    }
}
