using Cluster.Api.V1;
using Cluster.Control.Dispatch;
using Cluster.Manager.Hosting;
using Cluster.Manager.Leading;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Store;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Sessions;

/// <summary>
/// The sessions of this manager, whether it leads or not: runs the decisions of <see cref="SessionRegistry"/> on the control thread, ends
/// what is silent, and tells the leader once a second who was heard of. A manager that has had no leader for a while serves nobody: its
/// agents go to others, which know more.
/// </summary>
internal sealed partial class SessionKeeper
{
    /// <summary>More than an election takes, so that agents notice nothing of a leader's death; less than a heartbeat period.</summary>
    private static readonly TimeSpan PatienceWithoutLeader = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ReportPeriod = TimeSpan.FromSeconds(1);

    private readonly ControlThread _control;
    private readonly AgentSessions _sessions;
    private readonly LeaderReports _leader;
    private readonly IIdSource _ids;
    private readonly Random _random;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private SessionRegistry? _registry;
    private long _leaderSeenAt;

    public SessionKeeper(ControlThread control, AgentSessions sessions, LeaderReports leader, IIdSource ids, Random random, TimeProvider timeProvider, ILogger<SessionKeeper> logger)
    {
        (_control, _sessions, _leader, _ids, _random, _timeProvider, _logger) = (control, sessions, leader, ids, random, timeProvider, logger);
        control.BatchCommitted += sessions.Committed;
        control.Restored += restored => sessions.Restored(restored.State);
    }

    /// <summary>Opens a session for the node that the certificate names; any thread.</summary>
    public async Task<SessionAnswer> OpenAsync(NodeId node, AgentPosition position, CancellationToken ct)
    {
        TaskCompletionSource<SessionAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _control.PostAsync(() => answer.SetResult(Open(node, position)), ct);
        return await answer.Task.WaitAsync(ct);
    }

    /// <summary>A sign of life. When the session is over, the stream ends and the agent comes back.</summary>
    public ValueTask HeardAsync(AgentSession session, SessionGrant grant, CancellationToken ct) => _control.PostAsync(
        () =>
        {
            if (_registry is null || !_registry.Heartbeat(session.NodeId, grant.Id, _control.Now)) session.End();
        },
        ct);

    public ValueTask ClosedAsync(NodeId node, SessionGrant grant, CancellationToken ct) => _control.PostAsync(() => _registry?.Close(node, grant.Id), ct);

    /// <summary>Ends what is silent, or all when there is no leader. On the control thread, several times in the shortest heartbeat.</summary>
    public void Tick()
    {
        if (!_control.Leadership.Current.Leader.IsNone) _leaderSeenAt = _timeProvider.GetTimestamp();
        if (_registry is null) return;
        FollowPeriod(_registry);
        foreach (SessionReport silent in _registry.Expire(_control.Now)) _sessions.End(silent.NodeId);
        if (_timeProvider.GetElapsedTime(_leaderSeenAt) < PatienceWithoutLeader) return;
        if (_registry.Count > 0) LogNoLeader(_logger, _registry.Count);
        _registry = null;
        _sessions.EndAll();
    }

    /// <summary>Tells the leader of the sessions here until cancelled.</summary>
    public async Task ReportAsync(CancellationToken ct)
    {
        using PeriodicTimer timer = new(ReportPeriod, _timeProvider);
        while (await timer.WaitForNextTickAsync(ct))
        {
            ReportSessionsRequest? report = await CollectAsync(ct);
            if (report is null || report.Sessions.Count == 0) continue;
            report.WallClockTicks = _timeProvider.GetUtcNow().UtcTicks;
            try
            {
                ReportSessionsResponse answer = await _leader.ReportAsync(report, ct);
                foreach (string ended in answer.EndedNodeIds)
                {
                    if (NodeId.TryParse(ended, out NodeId node)) _sessions.End(node);
                }
            }
            catch (RpcException e) when (!ct.IsCancellationRequested)
            {
                // The next report says the same and more; without a leader the sessions end.
                LogReportFailed(_logger, e.Status.Detail);
            }
        }
    }

    private SessionAnswer Open(NodeId node, AgentPosition position)
    {
        StoreSnapshot committed = _control.Committed.Current;
        if (_control.Leadership.Current.Leader.IsNone || committed.Cluster is null)
        {
            return new SessionAnswer(SessionVerdict.Busy, null, "this manager has no contact to a leader at the moment: try another one");
        }

        _registry ??= new SessionRegistry(new SessionOptions { HeartbeatPeriod = committed.Cluster.Spec.HeartbeatPeriod }, _ids, _random);
        return _registry.Open(node, position, new AgentPosition(committed.Incarnation, committed.Version), _control.Now);
    }

    private void FollowPeriod(SessionRegistry registry)
    {
        if (_control.Committed.Current.Cluster is not { } cluster || cluster.Spec.HeartbeatPeriod == registry.HeartbeatPeriod) return;
        foreach (SessionReport session in registry.ChangePeriod(cluster.Spec.HeartbeatPeriod, _control.Now))
        {
            _sessions.TrySend(session.NodeId, new ManagerMessage { HeartbeatAck = new HeartbeatAck { HeartbeatPeriodTicks = session.HeartbeatPeriod.Ticks } });
        }
    }

    private async Task<ReportSessionsRequest?> CollectAsync(CancellationToken ct)
    {
        TaskCompletionSource<ReportSessionsRequest?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _control.PostAsync(
            () => answer.SetResult(_registry is null ? null : new ReportSessionsRequest { Sessions = { _registry.Sessions(_control.Now).Select(ToProto) } }), ct);
        return await answer.Task.WaitAsync(ct);
    }

    private SessionState ToProto(SessionReport session)
    {
        SessionState state = new()
        {
            NodeId = session.NodeId.ToString(),
            Epoch = session.Epoch,
            HeartbeatPeriodTicks = session.HeartbeatPeriod.Ticks,
            AgeTicks = session.HeartbeatAge.Ticks,
        };
        if (_sessions.ClockSkewOf(session.NodeId) is { } skew) state.ClockSkewTicks = skew.Ticks;
        return state;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No leader for too long: {Count} agent sessions end, their agents go to other managers")]
    private static partial void LogNoLeader(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "The leader did not take the report of sessions: {Reason}")]
    private static partial void LogReportFailed(ILogger logger, string reason);
}
