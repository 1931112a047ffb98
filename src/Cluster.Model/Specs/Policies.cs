using Cluster.Model.States;

namespace Cluster.Model.Specs;

/// <summary>Swarm's defaults: restart always, after 5 s, without limit (swarmkit api/defaults/service.go).</summary>
public sealed record RestartPolicy
{
    public static readonly TimeSpan DefaultDelay = TimeSpan.FromSeconds(5);

    public RestartCondition Condition { get; init; } = RestartCondition.Any;

    public TimeSpan Delay { get; init; } = DefaultDelay;

    /// <summary>0 is unlimited.</summary>
    public int MaxAttempts { get; init; }

    /// <summary>Attempts are counted within this time; zero counts all.</summary>
    public TimeSpan Window { get; init; }
}

public sealed record Placement
{
    /// <summary>Such as <c>node.labels.disk==ssd</c>; all must hold.</summary>
    public ValueList<string> Constraints { get; init; } = [];

    /// <summary>Label keys to spread over, such as <c>node.labels.rack</c>, in order of weight.</summary>
    public ValueList<string> SpreadOver { get; init; } = [];

    /// <summary>0 is unlimited.</summary>
    public int MaxReplicasPerNode { get; init; }
}

/// <summary>What networks a task's container is on until overlays exist: the node's NATed bridge, the host's, or none.</summary>
public enum NetworkMode { Bridge, Host, None }
