using Cluster.Control.Dispatch;
using Cluster.Manager.Hosting;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Store;
using Microsoft.Extensions.Logging;

namespace Cluster.Manager.Sessions;

/// <summary>Which nodes live, on the control thread of the manager that leads: hears of sessions, writes what has to be written of the silent.</summary>
internal sealed partial class LeaderLiveness
{
    private readonly ControlThread _control;
    private readonly ILogger _logger;
    private NodeLiveness? _liveness;

    public LeaderLiveness(ControlThread control, ILogger<LeaderLiveness> logger)
    {
        (_control, _logger) = (control, logger);
        control.LeadershipChanged += OnLeadershipChanged;
        control.BatchCommitted += (_, changes) =>
        {
            foreach (Change change in changes) _liveness?.Note(change, _control.Now);
        };
    }

    /// <summary>
    /// A session's last sign of life. True: the node was given up meanwhile, so the session must end; its agent begins a new one, and is
    /// ready again by that. On the control thread.
    /// </summary>
    public bool Heard(NodeId node, ulong epoch, TimeSpan period, TimeSpan age) => _liveness is not null && _liveness.Heard(node, epoch, period, _control.Now + -age);

    /// <summary>On the control thread, several times in the shortest heartbeat.</summary>
    public void Tick()
    {
        if (_liveness is null) return;
        _liveness.HeartbeatPeriod = HeartbeatPeriod;
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
            _liveness = null;
            return;
        }

        _liveness = new NodeLiveness(HeartbeatPeriod);
        _liveness.Begin(_control.Replica.Committed, _control.Now);
    }

    private TimeSpan HeartbeatPeriod => (_control.Replica.Committed.Cluster?.Spec ?? new ClusterSpec()).HeartbeatPeriod;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {NodeId} is down: no heartbeat")]
    private static partial void LogNodeDown(ILogger logger, string nodeId);
}
