namespace Cluster.Node;

/// <summary>Where a daemon keeps its things.</summary>
public sealed record NodeOptions
{
    public const int DefaultPort = 2377;

    /// <summary>What survives a reboot.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Sockets and what else a reboot removes.</summary>
    public required string RunDirectory { get; init; }

    public required string Version { get; init; }

    /// <summary>The containerd namespace that holds this node's containers.</summary>
    public required string ContainerNamespace { get; init; }

    /// <summary>host[:port] by which others reach this manager from this start on; empty: as before.</summary>
    public string AdvertiseAddress { get; init; } = "";

    /// <summary>host[:port] on which this manager listens from this start on; empty: as before.</summary>
    public string ListenAddress { get; init; } = "";

    public string LocalSocketPath => Path.Combine(RunDirectory, "clusterd.sock");

    public string KeysDirectory => Path.Combine(StateDirectory, "node");

    public string LogDirectory => Path.Combine(StateDirectory, "raft");

    public string AgentDirectory => Path.Combine(StateDirectory, "agent");
}
