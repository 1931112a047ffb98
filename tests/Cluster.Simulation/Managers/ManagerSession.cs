using System.Collections.Immutable;
using Cluster.Agent.Sessions;
using Cluster.Control.Dispatch;
using Cluster.Model.Ids;
using Cluster.Simulation.World;

namespace Cluster.Simulation.Managers;

/// <summary>One agent's open session, seen from its manager: what the agent holds, as far as is known, and what it said and nobody has looked at.</summary>
internal sealed class ManagerSession(NodeId nodeId, SessionGrant grant, SimulatedConnection connection)
{
    private readonly SortedDictionary<TaskId, ImmutableArray<byte>> _held = [];

    public NodeId NodeId => nodeId;

    public SessionGrant Grant => grant;

    public SimulatedConnection Connection => connection;

    public Queue<AgentMessage> Incoming { get; } = new();

    /// <summary>Reads one message at a time: the next when the answer to this one is known.</summary>
    public bool IsReading { get; set; }

    public bool HasEnded { get; set; }

    public bool KnowsWhatIsHeld { get; set; }

    public bool IsDirty { get; set; }

    public bool IsWritePlanned { get; set; }

    public void Assume(IEnumerable<(TaskId TaskId, ImmutableArray<byte> Digest)> items)
    {
        _held.Clear();
        foreach ((TaskId id, ImmutableArray<byte> digest) in items) _held[id] = digest;
        KnowsWhatIsHeld = true;
    }

    /// <summary>Always a message, so that the agent learns the version.</summary>
    public ManagerMessage.Assignments BringTo(AssignmentSet current, bool complete)
    {
        if (complete) _held.Clear();
        AssignmentDelta delta = AssignmentDelta.FromInventory(_held.Select(item => (item.Key, item.Value)), current);
        Assume(current.Items.Select(item => (item.TaskId, item.Digest)));
        return new ManagerMessage.Assignments(current.Position.Incarnation, current.Position.Version, complete, delta.Put, delta.Removed, current.Digest);
    }
}
