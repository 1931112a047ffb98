using Cluster.Model.States;

namespace Cluster.Model.Specs;

/// <summary>A bind, a local volume or a tmpfs in the container.</summary>
public sealed record Mount
{
    public required MountType Type { get; init; }

    /// <summary>Host path (bind) or volume name (empty: an anonymous volume of the task). Empty for tmpfs.</summary>
    public string Source { get; init; } = "";

    /// <summary>Absolute path in the container.</summary>
    public required string Target { get; init; }

    public bool ReadOnly { get; init; }

    /// <summary>Bind only: <c>rprivate</c> (default), <c>private</c>, <c>rshared</c>, <c>shared</c>, <c>rslave</c>, <c>slave</c>.</summary>
    public string? Propagation { get; init; }

    /// <summary>Volume only: do not copy what the image has at the target into a new volume.</summary>
    public bool NoCopy { get; init; }

    /// <summary>Tmpfs only; bytes, 0 is unlimited.</summary>
    public long TmpfsSizeBytes { get; init; }

    /// <summary>Tmpfs only; permission bits, null is 1777 octal.</summary>
    public int? TmpfsMode { get; init; }
}
