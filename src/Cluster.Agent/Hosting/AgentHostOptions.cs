using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Microsoft.Extensions.Logging;

namespace Cluster.Agent.Hosting;

public sealed record AgentHostOptions
{
    public required ClusterId ClusterId { get; init; }

    public required NodeId NodeId { get; init; }

    /// <summary>Path of the state file; its directory exists.</summary>
    public required string StatePath { get; init; }

    public required IContainerRuntime Runtime { get; init; }

    public required INetworkPlane Networks { get; init; }

    public required IDispatcherClient Dispatcher { get; init; }

    /// <summary>What the node says of itself, asked again from time to time; see <see cref="NodeProbe"/>.</summary>
    public required Func<NodeDescription> Describe { get; init; }

    /// <summary>Most preparations and starts at once.</summary>
    public int ParallelStarts { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>How often <see cref="Describe"/> is asked; a change ends the session, and the next one brings the news.</summary>
    public TimeSpan DescribePeriod { get; init; } = TimeSpan.FromSeconds(20);

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public required ILogger Logger { get; init; }
}
