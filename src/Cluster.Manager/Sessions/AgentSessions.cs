using System.Collections.Concurrent;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Control.Dispatch;
using Cluster.Manager.Services;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;
using Google.Protobuf;

namespace Cluster.Manager.Sessions;

/// <summary>The sessions of this manager by node. A commit wakes the sessions of the nodes that it concerns, never the others. Thread-safe.</summary>
internal sealed class AgentSessions
{
    private readonly ConcurrentDictionary<NodeId, AgentSession> _sessions = new();

    private long _assignmentsSent;
    private long _bytesSent;

    public int Count => _sessions.Count;

    /// <summary>Over all sessions so far.</summary>
    public (long Assignments, long Bytes) Sent => (Interlocked.Read(ref _assignmentsSent), Interlocked.Read(ref _bytesSent));

    public void CountSent(Assignments message)
    {
        Interlocked.Add(ref _assignmentsSent, message.Put.Count + message.RemovedTaskIds.Count);
        Interlocked.Add(ref _bytesSent, message.CalculateSize());
    }

    public void Add(AgentSession session)
    {
        AgentSession? replaced = null;
        _sessions.AddOrUpdate(session.NodeId, session, (_, older) =>
        {
            replaced = older;
            return session;
        });
        replaced?.End();
    }

    public void Remove(AgentSession session) => _sessions.TryRemove(new KeyValuePair<NodeId, AgentSession>(session.NodeId, session));

    public bool TrySend(NodeId nodeId, ManagerMessage message) => _sessions.TryGetValue(nodeId, out AgentSession? session) && session.TrySend(message);

    public void End(NodeId nodeId)
    {
        if (_sessions.TryGetValue(nodeId, out AgentSession? session)) session.End();
    }

    public TimeSpan? ClockSkewOf(NodeId nodeId) => _sessions.TryGetValue(nodeId, out AgentSession? session) ? session.ClockSkew : null;

    public void EndAll()
    {
        foreach (AgentSession session in _sessions.Values) session.End();
    }

    /// <summary>The state is another one: each session looks at all that its node should hold.</summary>
    public void Restored(StoreView view)
    {
        foreach (AgentSession session in _sessions.Values)
        {
            if (view.GetNode(session.NodeId) is null) session.End();
            else session.MarkAssignmentsDirty();
        }

        TellIdentities(view);
    }

    /// <summary>The digest of the roots that nodes are to believe.</summary>
    public static ByteString RootsDigestOf(StoreView view) =>
        view.Cluster is { } cluster ? TrustedRoots.DigestOf(RootChain.Trusted(cluster)).ToProto() : ByteString.Empty;

    /// <summary>What was committed; called by the control thread.</summary>
    public void Committed(StoreView view, IReadOnlyList<Change> changes)
    {
        foreach (NodeId node in NodeAssignments.NodesOf(view, changes))
        {
            if (_sessions.TryGetValue(node, out AgentSession? session)) session.MarkAssignmentsDirty();
        }

        bool managersChanged = false, rootsChanged = false;
        foreach (Change change in changes)
        {
            if (change is { IsDeletion: true, Before: NodeRecord removed }) End(removed.Id);
            rootsChanged |= change is { After: ClusterRecord cluster } && cluster.RootGeneration != (change.Before as ClusterRecord)?.RootGeneration;
            if (change.Row is not NodeRecord node) continue;
            NodeRecord? before = change.Before as NodeRecord;
            managersChanged |= (change.IsDeletion ? null : node.Manager) != before?.Manager;
            if (!change.IsDeletion && before is not null && ManagerCommands.RoleOf(before) != ManagerCommands.RoleOf(node))
            {
                TrySend(node.Id, IdentityOf(node, RootsDigestOf(view)));
            }
        }

        if (rootsChanged) TellIdentities(view);
        if (managersChanged) Tell(new ManagerMessage { Managers = new ManagerList { Addresses = { ManagerAddresses.Of(view) } } });
    }

    private void TellIdentities(StoreView view)
    {
        ByteString roots = RootsDigestOf(view);
        foreach (AgentSession session in _sessions.Values)
        {
            if (view.GetNode(session.NodeId) is { } node) session.TrySend(IdentityOf(node, roots));
        }
    }

    private static ManagerMessage IdentityOf(NodeRecord node, ByteString rootsDigest) =>
        new() { RoleChange = new RoleChange { Role = ManagerCommands.RoleOf(node).ToProto(), RootsDigest = rootsDigest } };

    private void Tell(ManagerMessage message)
    {
        foreach (AgentSession session in _sessions.Values) session.TrySend(message);
    }
}
