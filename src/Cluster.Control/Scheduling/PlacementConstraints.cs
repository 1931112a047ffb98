using Cluster.Model.Objects;
using Cluster.Model.Placement;
using Specs = Cluster.Model.Specs;

namespace Cluster.Control.Scheduling;

/// <summary>The constraints of a service, parsed once. One that cannot be parsed never matches: better no place than a wrong one.</summary>
internal sealed class PlacementConstraints
{
    private readonly ConstraintExpression?[] _expressions;

    private PlacementConstraints(ConstraintExpression?[] expressions) => _expressions = expressions;

    public static PlacementConstraints Of(Specs.Placement placement) =>
        new([.. placement.Constraints.Select(static text => ConstraintExpression.TryParse(text, out ConstraintExpression? parsed) ? parsed : null)]);

    public bool Matches(NodeRecord node)
    {
        foreach (ConstraintExpression? expression in _expressions)
        {
            if (expression is null || !expression.Matches(node)) return false;
        }

        return true;
    }
}
