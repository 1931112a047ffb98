namespace Cluster.Network;

/// <summary>How this node connects its containers.</summary>
public sealed record NetworkOptions
{
    /// <summary>Holds the tasks' network namespaces, in <c>netns/</c>. Such as <c>/run/cluster</c>.</summary>
    public required string RunDirectory { get; init; }

    public string BridgeName { get; init; } = "cluster0";

    /// <summary>The bridge's IPv4 subnet, such as <c>172.31.240.0/20</c>; null: the first of some that no route of this node overlaps.</summary>
    public string? BridgeSubnet { get; init; }
}
