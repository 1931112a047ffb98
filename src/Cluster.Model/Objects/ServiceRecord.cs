using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.Model.Objects;

public sealed record ServiceRecord
{
    public required ServiceId Id { get; init; }

    public ObjectMeta Meta { get; init; }

    public required ServiceSpec Spec { get; init; }

    /// <summary>The store version at which <see cref="Spec"/> last changed; new tasks of an older one are out of date.</summary>
    public ulong SpecVersion { get; init; }

    /// <summary>The template that new tasks get.</summary>
    public required TemplateId Template { get; init; }

    /// <summary>Set by removal: the row goes when the last task is gone.</summary>
    public bool Removing { get; init; }
}
