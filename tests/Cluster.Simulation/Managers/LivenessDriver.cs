using Cluster.Control.Dispatch;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Store.Sequencing;
using TaskStatusUpdate = Cluster.Control.Dispatch.TaskStatusUpdate;

namespace Cluster.Simulation.Managers;

/// <summary>
/// The twin of the leader's liveness and of what it takes in of the sessions that other managers hold. On the control driver's turns.
/// </summary>
internal sealed class LivenessDriver(SimulationWorld world, ManagerProcess process)
{
    private NodeLiveness? _liveness;

    private ControlDriver Control => process.Control;

    private TimeSpan HeartbeatPeriod => (Control.Replica.Committed.Cluster?.Spec ?? new ClusterSpec()).HeartbeatPeriod;

    public void LeadershipChanged(bool leads)
    {
        _liveness = null;
        if (!leads) return;
        _liveness = new NodeLiveness(HeartbeatPeriod);
        _liveness.Begin(Control.Replica.Committed, Control.Now);
    }

    public void Committed(IReadOnlyList<Change> changes)
    {
        if (_liveness is null) return;
        foreach (Change change in changes) _liveness.Note(change, Control.Now);
    }

    public void Tick()
    {
        if (_liveness is null) return;
        _liveness.HeartbeatPeriod = HeartbeatPeriod;
        foreach (NodeId node in _liveness.Expired(Control.Now))
        {
            world.Counts.Add("session: node marked down");
            Control.Submit("liveness", tx => NodeStatusUpdates.MarkDown(tx, node, "heartbeat failure"));
        }
    }

    /// <summary>A session has begun. It counts before the node's row says Ready.</summary>
    public void MarkReady(NodeId node, SessionGrant grant, NodeDescription description, string address, Action<LeaderAnswer?> answer)
    {
        Heard(node, grant.Epoch, grant.HeartbeatPeriod, TimeSpan.Zero);
        Control.Submit<NodeRecord>($"node:{node}", tx => NodeStatusUpdates.MarkReady(tx, node, description, address), (outcome, _) => answer(AnswerOf(outcome)));
    }

    public void TakeStatuses(Endpoint agent, NodeId node, IReadOnlyList<TaskStatusUpdate> updates, Action<LeaderAnswer?> answer) => Control.Submit<StatusUpdateResult>(
        $"node:{node}",
        tx => StatusUpdates.Apply(tx, node, updates),
        (outcome, result) =>
        {
            // A state that was taken back may be from before a task had its node.
            bool isWrong = outcome.Status == SubmitStatus.Committed && result.Refused > 0 && !world.History.WasRewound;
            BreachException.Require(!isWrong, Breach.Product, $"{agent} reported of tasks that are not its own");
            answer(AnswerOf(outcome));
        });

    public void TakeReport(IReadOnlyList<SessionReport> sessions, Action<LeaderAnswer?> answer)
    {
        NodeId[] ended = [.. sessions.Where(s => Heard(s.NodeId, s.Epoch, s.HeartbeatPeriod, s.HeartbeatAge)).Select(s => s.NodeId)];
        answer(new LeaderAnswer(true, 0, ended));
    }

    /// <summary>True: the node was given up meanwhile, so the session must end.</summary>
    private bool Heard(NodeId node, ulong epoch, TimeSpan period, TimeSpan age) => _liveness is not null && _liveness.Heard(node, epoch, period, Control.Now + -age);

    private LeaderAnswer? AnswerOf(SubmitOutcome outcome) => outcome.Status switch
    {
        SubmitStatus.Committed => new LeaderAnswer(true, Control.Published.Version, []),
        SubmitStatus.Refused => LeaderAnswer.Refused,
        _ => null,
    };
}
