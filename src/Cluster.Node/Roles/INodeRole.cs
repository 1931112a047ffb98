using System.Collections.Immutable;
using Grpc.Core;

namespace Cluster.Node.Roles;

/// <summary>A role that runs in this daemon. Disposing stops it; containers go on.</summary>
public interface INodeRole : IAsyncDisposable
{
    /// <summary>Completes when the role has ended, with the error when it failed.</summary>
    Task Completion { get; }
}

public interface IManagerRole : INodeRole
{
    /// <summary>What the role offers on the daemon's local socket while it runs: generated bindings with their implementations.</summary>
    IReadOnlyList<Action<ServiceBinderBase>> LocalServices { get; }

    /// <summary>Seals what is written of log and snapshots from now on under another key, which is stored already.</summary>
    void UseDataKey(ImmutableArray<byte> dataKey);

    /// <summary>Writes a snapshot of all that is committed here, so that the log before it, and the keys that it is sealed under, can be forgotten.</summary>
    Task SaveSnapshotAsync(CancellationToken ct);

    /// <summary>Whether a file of log or snapshots is sealed under this key.</summary>
    bool NeedsDataKey(ImmutableArray<byte> dataKey);
}

public interface IAgentRole : INodeRole
{
    /// <summary>host:port of the manager that serves the session; null while there is none.</summary>
    string? ConnectedManager { get; }

    /// <summary>The tasks of which this machine may hold anything with good reason.</summary>
    Task<IReadOnlyList<Model.Ids.TaskId>> ListOwnedAsync(CancellationToken ct);

    /// <summary>Stops the agent, and removes everything that it holds on this machine, for a node that leaves.</summary>
    Task RemoveEverythingAsync(CancellationToken ct);
}
