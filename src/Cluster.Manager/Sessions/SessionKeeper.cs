using Cluster.Control.Dispatch;
using Cluster.Manager.Hosting;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Store;
using Microsoft.Extensions.Logging;

namespace Cluster.Manager.Sessions;

/// <summary>
/// Who is connected and who is alive, on the control thread: runs the decisions of <see cref="SessionRegistry"/> and
/// <see cref="NodeLiveness"/> and writes what follows from them into the nodes' rows.
/// </summary>
internal sealed partial class SessionKeeper
{
    private readonly ControlThread _control;
    private readonly AgentSessions _sessions;
    private readonly IIdSource _ids;
    private readonly Random _random;
    private readonly ILogger _logger;
    private SessionRegistry? _registry;
    private NodeLiveness? _liveness;

    public SessionKeeper(ControlThread control, AgentSessions sessions, IIdSource ids, Random random, ILogger<SessionKeeper> logger)
    {
        (_control, _sessions, _ids, _random, _logger) = (control, sessions, ids, random, logger);
        control.LeadershipChanged += OnLeadershipChanged;
        control.BatchCommitted += OnCommitted;

        // Which nodes a snapshot changes is not known: their agents come back and resume.
        control.Restored += _ => sessions.EndAll();
    }

    /// <summary>Opens a session for the node that the certificate names; any thread.</summary>
    public async Task<SessionAnswer> OpenAsync(NodeId node, AgentPosition position, CancellationToken ct)
    {
        TaskCompletionSource<SessionAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _control.PostAsync(
            () =>
            {
                StoreSnapshot committed = _control.Committed.Current;
                answer.SetResult(_registry is null
                    ? new SessionAnswer(SessionVerdict.Busy, null, "this manager does not lead at the moment: try again")
                    : _registry.Open(node, position, new AgentPosition(committed.Incarnation, committed.Version), _control.Now));
            },
            ct);
        return await answer.Task.WaitAsync(ct);
    }

    /// <summary>The node is ready and is what it says it is, now committed.</summary>
    public async Task<Result<NodeRecord>> MarkReadyAsync(NodeId node, NodeDescription description, string address, CancellationToken ct) =>
        await _control.SubmitAsync($"node:{node}", tx => NodeStatusUpdates.MarkReady(tx, node, description, address), ct);

    /// <summary>A sign of life. When the node was given up meanwhile, or the session is over, the stream ends and the agent comes back.</summary>
    public ValueTask HeardAsync(AgentSession session, SessionGrant grant, CancellationToken ct) => _control.PostAsync(
        () =>
        {
            bool isOver = _registry is null || !_registry.Heartbeat(session.NodeId, grant.Id, _control.Now);
            if (isOver || _liveness!.Heard(session.NodeId, grant.Epoch, grant.HeartbeatPeriod, _control.Now)) session.End();
        },
        ct);

    /// <summary>The first sign of life of a session, which counts before the node's row says Ready.</summary>
    public ValueTask BeganAsync(NodeId node, SessionGrant grant, CancellationToken ct) =>
        _control.PostAsync(() => _liveness?.Heard(node, grant.Epoch, grant.HeartbeatPeriod, _control.Now), ct);

    public ValueTask ClosedAsync(NodeId node, SessionGrant grant, CancellationToken ct) => _control.PostAsync(() => _registry?.Close(node, grant.Id), ct);

    /// <summary>Ends what is silent. On the control thread, several times in the shortest heartbeat.</summary>
    public void Tick()
    {
        if (_registry is null || _liveness is null) return;
        foreach (SessionReport silent in _registry.Expire(_control.Now)) _sessions.End(silent.NodeId);
        foreach (NodeId node in _liveness.Expired(_control.Now))
        {
            LogNodeDown(_logger, node.ToString());
            _control.Submit("liveness", tx => NodeStatusUpdates.MarkDown(tx, node, "heartbeat failure"));
        }
    }

    private void OnLeadershipChanged(bool leads)
    {
        if (!leads)
        {
            (_registry, _liveness) = (null, null);
            _sessions.EndAll();
            return;
        }

        StoreSnapshot committed = _control.Replica.Committed;
        TimeSpan period = (committed.Cluster?.Spec ?? new ClusterSpec()).HeartbeatPeriod;
        _registry = new SessionRegistry(new SessionOptions { HeartbeatPeriod = period }, _ids, _random);
        _liveness = new NodeLiveness(period);
        _liveness.Begin(committed, _control.Now);
    }

    private void OnCommitted(StoreSnapshot committed, IReadOnlyList<Change> changes)
    {
        _sessions.Committed(committed, changes);
        foreach (Change change in changes) _liveness?.Note(change, _control.Now);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {NodeId} is down: no heartbeat")]
    private static partial void LogNodeDown(ILogger logger, string nodeId);
}
