using Cluster.Agent.Runtime;
using Cluster.Containers.Images;

namespace Cluster.Containers.Spec;

/// <summary>All that a container's specification is made from; everything that needs I/O has been looked up.</summary>
internal sealed record OciSpecInput
{
    public required ContainerPlan Plan { get; init; }

    public required ImageConfig Image { get; init; }

    public required ResolvedUser User { get; init; }

    public required HostFacts Host { get; init; }

    public required string CgroupsPath { get; init; }

    /// <summary>Binds, volumes and tmpfs of the service, and the files over /etc/hosts and the like.</summary>
    public required IReadOnlyList<OciMount> Mounts { get; init; }
}

/// <summary>The user as numbers, looked up in the image.</summary>
internal sealed record ResolvedUser(uint Uid, uint Gid, IReadOnlyList<uint> AdditionalGids)
{
    public static readonly ResolvedUser Root = new(0, 0, []);

    public bool Equals(ResolvedUser? other) =>
        other is not null && Uid == other.Uid && Gid == other.Gid && AdditionalGids.SequenceEqual(other.AdditionalGids);

    public override int GetHashCode() => HashCode.Combine(Uid, Gid, AdditionalGids.Count);
}
