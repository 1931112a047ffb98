using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Model.Hashing;

/// <summary>
/// The task template of a service spec. What is not part of it (name, labels, replicas, restart policy, placement) can change
/// without replacing a container.
/// </summary>
public static class TaskTemplates
{
    public static TaskTemplate From(ServiceSpec spec) => new()
    {
        Id = IdOf(spec),
        Container = spec.Container,
        Resources = spec.Resources,
        Network = spec.Network,
        Ports = spec.Ports,
        LogDriver = spec.LogDriver,
        ForceUpdate = spec.ForceUpdate,
    };

    public static TemplateId IdOf(ServiceSpec spec) =>
        TemplateHash.Compute(spec.Container, spec.Resources, spec.Network, spec.Ports, spec.LogDriver, spec.ForceUpdate);

    /// <summary>Whether the template's id is the hash of its content: checked on what comes from outside.</summary>
    public static bool IsConsistent(TaskTemplate template) =>
        template.Id == TemplateHash.Compute(
            template.Container, template.Resources, template.Network, template.Ports, template.LogDriver, template.ForceUpdate);
}
