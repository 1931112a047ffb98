using Cluster.Api.V1;
using Cluster.Cli.CommandLine;

namespace Cluster.Cli.Nodes;

/// <summary>Names of roles and availabilities, read and printed.</summary>
internal static class NodeText
{
    /// <summary>Null is active.</summary>
    public static NodeAvailability ParseAvailability(string? text) => text?.ToLowerInvariant() switch
    {
        null or "active" => NodeAvailability.Active,
        "pause" => NodeAvailability.Pause,
        "drain" => NodeAvailability.Drain,
        _ => throw new CliException($"availability '{text}' is not known: allowed are active, pause and drain"),
    };

    public static NodeRole ParseRole(string text) => text.ToLowerInvariant() switch
    {
        "worker" => NodeRole.Worker,
        "manager" => NodeRole.Manager,
        _ => throw new CliException($"role '{text}' is not known: allowed are worker and manager"),
    };

    /// <summary>The manager column of <c>node ls</c>: empty for workers.</summary>
    public static string ManagerStatus(Node node) =>
        node.Manager is null ? "" : node.Leader ? "Leader" : node.Status?.State == NodeState.Down ? "Unreachable" : "Reachable";
}
