namespace Cluster.Simulation.Runs;

/// <summary>What the fresh seeds of a day must have seen beside every kind of fault, else they test less than they claim.</summary>
internal static class ExpectedCounts
{
    public static readonly IReadOnlyList<string> All =
    [
        "fault: crash with unsynced writes", "fault: unsynced writes lost", "fault: unsynced writes torn", "fault: unsynced writes kept",
        "transition: created to Pending", "transition: created to Assigned",
        "transition: Pending to Assigned", "transition: Pending to deleted",
        "transition: Assigned to Accepted", "transition: Assigned to Preparing", "transition: Assigned to Orphaned", "transition: Assigned to deleted",
        "transition: Accepted to Preparing", "transition: Preparing to Ready", "transition: Preparing to Starting", "transition: Preparing to Running",
        "transition: Preparing to Rejected", "transition: Preparing to Shutdown",
        "transition: Ready to Starting", "transition: Ready to Running", "transition: Ready to Shutdown",
        "transition: Starting to Running", "transition: Starting to Failed", "transition: Starting to Shutdown",
        "transition: Running to Complete", "transition: Running to Failed", "transition: Running to Shutdown", "transition: Running to Orphaned",
        "transition: Complete to deleted", "transition: Failed to deleted", "transition: Shutdown to deleted", "transition: Rejected to deleted", "transition: Orphaned to deleted",
        "desired: Ready to Running", "desired: Ready to Shutdown", "desired: Running to Shutdown", "desired: Running to Remove", "desired: Shutdown to Remove",
        "node: created to Unknown", "node: Unknown to Ready", "node: Ready to Down", "node: Down to Ready", "node: Ready to deleted", "node: Down to deleted",
        "operation: cluster.init", "operation: cluster.update", "operation: node.join", "operation: node.update", "operation: node.remove", "operation: manager.announce",
        "operation: service.create", "operation: service.scale", "operation: service.update", "operation: service.remove",
        "client: asked again", "client: first answer again", "client: answer lost", "client: NotLeader", "client: Unknown", "client: Refused",
        "session: expired", "session: given up by agent", "session: node marked down", "session: resumed", "session: begun with everything", "session: begun with an inventory",
        "session: Behind", "session: on the leader", "session: on a follower", "session: moved", "session: another heartbeat period", "session: ended without a leader", "session: unknown to a manager that lags",
        "restore: all that was committed", "restore: what one manager had", "restore: from a backup", "restore: an old manager came back",
        "members: AddLearner", "members: AddVoter", "members: Remove", "members: Release", "members: TransferLeadership",
        "store: proposal dropped", "store: entry skipped", "raft: removed member ignored", "raft: sync failed", "raft: snapshot saved", "raft: snapshot sent", "store: snapshot read", "raft: leadership lost",
        "network: message lost", "network: message twice",
        "agent: temporary fault", "agent: fatal fault", "agent: cancelled", "agent: left after removal",
        "read: answered", "read: not confirmed", "read: on a follower", "check: caches", "check: idle kernel", "check: histories of objects",
    ];
}
