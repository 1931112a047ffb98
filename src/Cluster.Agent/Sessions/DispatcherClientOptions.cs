using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Cluster.Agent.Sessions;

public sealed record DispatcherClientOptions
{
    public required NodeId NodeId { get; init; }

    /// <summary>Addresses of managers to begin with, at least one.</summary>
    public required ValueList<string> Managers { get; init; }

    /// <summary>
    /// A new channel to a manager's address, with this node's certificate; it is disposed with its session. It should find a dead peer by
    /// itself (keep-alive pings) and take messages as large as a complete set of assignments (about 1 KiB per task).
    /// </summary>
    public required Func<string, ChannelBase> OpenChannel { get; init; }

    /// <summary>Told of every other list of managers that a manager sends, for whoever stores it. Called on the session's thread.</summary>
    public Action<ValueList<string>>? ManagersChanged { get; init; }

    /// <summary>
    /// Told of what this node is to be and of the digest of the roots that it is to believe (empty: the manager does not say), with each session and
    /// whenever they change. Called on the session's thread.
    /// </summary>
    public Action<NodeRole, ImmutableArray<byte>>? IdentityWanted { get; init; }

    /// <summary>Told with each session which incarnation of the cluster it is.</summary>
    public Action<ulong>? IncarnationHeard { get; init; }

    /// <summary>Told when a manager opens no session before this node has renewed its certificate. Called on the session's thread.</summary>
    public Action? RenewalWanted { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>For the jitter of delays.</summary>
    public required Random Random { get; init; }

    public required ILogger Logger { get; init; }
}
