using System.Collections.Concurrent;
using Cluster.Api.V1;
using Cluster.Manager.Sessions;
using Cluster.Model.Ids;

namespace Cluster.Manager.LogRelaying;

/// <summary>Brings readers of logs and the agents that have them together. Thread-safe.</summary>
internal sealed class LogBroker(AgentSessions sessions, IIdSource ids)
{
    private readonly ConcurrentDictionary<string, LogSubscription> _subscriptions = new(StringComparer.Ordinal);

    /// <summary>Asks the node's agent for the logs; null when the node has no session here.</summary>
    public LogSubscription? Open(NodeId nodeId, IReadOnlyList<TaskId> tasks, bool follow, long tail, long sinceTicks)
    {
        LogSubscription subscription = new(Base36.Format(ids.Next()), nodeId, tasks);
        _subscriptions[subscription.Id] = subscription;
        LogRequest request = new() { SubscriptionId = subscription.Id, Follow = follow, Tail = tail, SinceTicks = sinceTicks };
        request.TaskIds.Add(tasks.Select(task => task.ToString()));
        if (sessions.TrySend(nodeId, new ManagerMessage { LogRequest = request })) return subscription;
        _subscriptions.TryRemove(subscription.Id, out _);
        return null;
    }

    public void Close(LogSubscription subscription)
    {
        if (!_subscriptions.TryRemove(subscription.Id, out _)) return;
        subscription.End(null);
        sessions.TrySend(subscription.NodeId, new ManagerMessage { LogRequest = new LogRequest { SubscriptionId = subscription.Id, Close = true } });
    }

    /// <summary>Null when nobody waits for it (any more), or it is another node's.</summary>
    public LogSubscription? Find(string id, NodeId publisher) =>
        _subscriptions.TryGetValue(id, out LogSubscription? subscription) && subscription.NodeId == publisher ? subscription : null;
}
