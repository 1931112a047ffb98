using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Agent.Sessions;

/// <summary>What the agent presents when it opens a session.</summary>
/// <param name="Digest">Of the assignments that it holds; empty: it holds nothing, or wants everything again.</param>
/// <param name="Held">The assignments themselves; they do not travel, the session looks their templates up.</param>
public sealed record SessionHello(
    NodeDescription Description, ulong Incarnation, ulong Version, ImmutableArray<byte> Digest, IReadOnlyList<TaskAssignment> Held);

/// <param name="HeartbeatPeriod">The agent sends a heartbeat this often, and gives the session up after three without any message.</param>
/// <param name="Role">What this node is to be; null: the manager does not say.</param>
public sealed record SessionWelcome(string SessionId, TimeSpan HeartbeatPeriod, ulong Incarnation, ValueList<string> Managers, NodeRole? Role = null)
{
    /// <summary>Of the roots that this node is to believe; empty when the manager does not say.</summary>
    public ImmutableArray<byte> RootsDigest { get; init; } = [];
}

/// <summary>What the agent says within a session.</summary>
public abstract record AgentMessage
{
    private AgentMessage()
    {
    }

    public sealed record Heartbeat : AgentMessage
    {
        public static readonly Heartbeat Instance = new();
    }

    /// <param name="Sequence">Counts up from 1 within a session.</param>
    public sealed record Statuses(ulong Sequence, IReadOnlyList<TaskStatusUpdate> Updates) : AgentMessage;

    /// <summary>The answer to a request, or unasked when the digests differ after a change: the manager sends what differs.</summary>
    public sealed record Inventory(IReadOnlyList<InventoryItem> Items) : AgentMessage;
}

public sealed record TaskStatusUpdate(TaskId TaskId, TaskStatus Status);

public sealed record InventoryItem(TaskId TaskId, ImmutableArray<byte> Digest);

/// <summary>What a manager says within a session.</summary>
public abstract record ManagerMessage
{
    private ManagerMessage()
    {
    }

    /// <summary>
    /// The new set is (complete: nothing, else what the agent holds) plus Put minus Removed, and has this digest. After the welcome
    /// there is always one, empty when nothing differs: it is what allows the agent to remove tasks that it does not know.
    /// </summary>
    public sealed record Assignments(
        ulong Incarnation, ulong Version, bool IsComplete, IReadOnlyList<TaskAssignment> Put, IReadOnlyList<TaskId> Removed,
        ImmutableArray<byte> Digest) : ManagerMessage;

    /// <summary>The batches up to this one are committed.</summary>
    public sealed record StatusAcknowledgement(ulong Sequence) : ManagerMessage;

    public sealed record InventoryRequest : ManagerMessage
    {
        public static readonly InventoryRequest Instance = new();
    }

    /// <param name="HeartbeatPeriod">The agent keeps this one from now on; null: as before.</param>
    public sealed record HeartbeatAcknowledgement(TimeSpan? HeartbeatPeriod) : ManagerMessage
    {
        public static readonly HeartbeatAcknowledgement Instance = new(HeartbeatPeriod: null);
    }

    public sealed record ManagerList(ValueList<string> Addresses) : ManagerMessage;

    /// <summary>What this node is to be from now on.</summary>
    public sealed record RoleChange(NodeRole Role, ImmutableArray<byte> RootsDigest) : ManagerMessage;

    /// <param name="Tail">Lines from the end for each task; negative: all.</param>
    public sealed record LogRequest(string SubscriptionId, ValueList<TaskId> TaskIds, bool Follow, long Tail, DateTimeOffset? Since) : ManagerMessage;

    public sealed record LogClose(string SubscriptionId) : ManagerMessage;
}
