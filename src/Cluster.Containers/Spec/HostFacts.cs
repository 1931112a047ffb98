using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Cluster.Containers.Spec;

/// <summary>What this machine allows, as far as a container's specification depends on it. Read once, so that building is pure.</summary>
internal sealed record HostFacts
{
    public required Architecture Architecture { get; init; }

    /// <summary>The unified hierarchy is the only one.</summary>
    public required bool IsCgroupV2 { get; init; }

    /// <summary>Swap can be limited; the kernel refuses the setting otherwise.</summary>
    public required bool CanLimitSwap { get; init; }

    /// <summary>The capabilities that this process may give away.</summary>
    public required ImmutableSortedSet<string> Capabilities { get; init; }

    /// <summary>Hard limits by OCI name; what is above cannot be given without CAP_SYS_RESOURCE.</summary>
    public required ImmutableSortedDictionary<string, ulong> HardLimits { get; init; }

    /// <summary>The lowest score that this process may give.</summary>
    public required int LowestOomScoreAdj { get; init; }

    public required string Hostname { get; init; }

    /// <summary>The host's path of a static init (tini), null where none is installed.</summary>
    public string? InitPath { get; init; }

    public bool CanExceedLimits => Capabilities.Contains("CAP_SYS_RESOURCE");
}
