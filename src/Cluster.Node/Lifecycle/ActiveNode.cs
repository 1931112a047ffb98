using Cluster.Node.Certificates;
using Cluster.Node.Keys;
using Cluster.Node.Roles;

namespace Cluster.Node.Lifecycle;

/// <summary>The roles that run, with the keys that they run with.</summary>
internal sealed class ActiveNode(NodeKeys keys, NodeCredentials credentials) : IAsyncDisposable
{
    public NodeKeys Keys { get; set; } = keys;

    public NodeCredentials Credentials { get; } = credentials;

    public IManagerRole? Manager { get; set; }

    public IAgentRole? Agent { get; set; }

    /// <summary>The agent first, so that its last reports still find a manager.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Agent is not null) await Agent.DisposeAsync();
        if (Manager is not null) await Manager.DisposeAsync();
    }
}
