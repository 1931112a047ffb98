using Serilog.Events;

namespace Cluster.Daemon;

internal sealed record DaemonOptions
{
    public required string StateDirectory { get; init; }

    public required string RunDirectory { get; init; }

    public required LogEventLevel LogLevel { get; init; }

    /// <summary>Null: standard error.</summary>
    public string? LogFile { get; init; }

    /// <summary>The socket of a containerd that runs already; null: supervise an own one.</summary>
    public string? ContainerdSocket { get; init; }

    public required string ContainerNamespace { get; init; }

    /// <summary>Empty: as the node was told before.</summary>
    public required string AdvertiseAddress { get; init; }

    /// <summary>Empty: as the node was told before.</summary>
    public required string ListenAddress { get; init; }
}
