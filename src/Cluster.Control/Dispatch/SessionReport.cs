using Cluster.Model.Ids;

namespace Cluster.Control.Dispatch;

/// <summary>What a manager tells the leader of a session that it holds.</summary>
public readonly record struct SessionReport(NodeId NodeId, SessionId SessionId, ulong Epoch, TimeSpan HeartbeatPeriod, TimeSpan HeartbeatAge);
