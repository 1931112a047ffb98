using Cluster.Model.Specs;

namespace Cluster.Model.Validation;

/// <summary>Whether a node spec makes sense by itself. Whether a role may change is for the command that changes it.</summary>
public static class NodeSpecValidator
{
    public static Refusal? Validate(NodeSpec spec) =>
        !Enum.IsDefined(spec.Role) ? Refusal.Invalid($"role {spec.Role} is not known: allowed are worker and manager")
        : !Enum.IsDefined(spec.Availability) ? Refusal.Invalid($"availability {spec.Availability} is not known: allowed are active, pause and drain")
        : TextRules.Labels("node labels", spec.Labels);
}
