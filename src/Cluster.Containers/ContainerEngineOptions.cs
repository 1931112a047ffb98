namespace Cluster.Containers;

/// <summary>Where this node's containers live. The paths must be absolute; all of them are of this node alone.</summary>
public sealed record ContainerEngineOptions
{
    /// <summary>Survives a restart of the machine: images, containers' metadata, logs, volumes. Such as <c>/var/lib/cluster</c>.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Need not survive one: sockets, runtime state, small files that are mounted into containers. Such as <c>/run/cluster</c>.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>containerd's namespace: one per node, where several nodes use one containerd.</summary>
    public string Namespace { get; init; } = "cluster";

    /// <summary>The socket of a containerd that runs already and is left alone; null: one is started and supervised.</summary>
    public string? ExternalSocket { get; init; }

    /// <summary>Name or path of the program.</summary>
    public string ContainerdBinary { get; init; } = "containerd";

    /// <summary>Containers that are made or started at the same time; more adds latency, not throughput. 0: twice the processors.</summary>
    public int ParallelStarts { get; init; }
}
