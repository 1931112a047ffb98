using Grpc.Core;

namespace Cluster.Node.Roles;

/// <summary>A role that runs in this daemon. Disposing stops it; containers go on.</summary>
public interface INodeRole : IAsyncDisposable
{
    /// <summary>Completes when the role has ended, with the error when it failed.</summary>
    Task Completion { get; }

    /// <summary>What the role offers on the daemon's local socket while it runs: generated bindings with their implementations.</summary>
    IReadOnlyList<Action<ServiceBinderBase>> LocalServices { get; }
}

public interface IAgentRole : INodeRole
{
    /// <summary>host:port of the manager that serves the session; null while there is none.</summary>
    string? ConnectedManager { get; }

    IReadOnlyList<Model.Ids.TaskId> OwnedTasks { get; }

    /// <summary>Stops and removes everything that the agent holds on this machine, for a node that leaves.</summary>
    Task RemoveEverythingAsync(CancellationToken ct);
}

public interface IManagerRole : INodeRole
{
    /// <summary>Committed members other than this one: a manager that is not alone cannot just go.</summary>
    int OtherManagers { get; }
}
