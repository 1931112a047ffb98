using Cluster.Control.Dispatch;
using Cluster.Manager.Hosting;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Parsing;
using Cluster.Store;
using Microsoft.Extensions.Logging;

namespace Cluster.Manager.Sessions;

/// <summary>Whose clock is wrong, on the control thread of the manager that leads: written into the node's row, and warned about.</summary>
internal sealed partial class LeaderClocks
{
    private readonly ControlThread _control;
    private readonly ILogger _logger;
    private ClockSkews? _skews;

    public LeaderClocks(ControlThread control, ILogger<LeaderClocks> logger)
    {
        (_control, _logger) = (control, logger);
        control.LeadershipChanged += leads => _skews = leads ? new ClockSkews() : null;
        control.BatchCommitted += (_, changes) =>
        {
            foreach (Change change in changes)
                if (change is { IsDeletion: true, Row: NodeRecord removed }) _skews?.Forget(removed.Id);
        };
    }

    /// <param name="ahead">Of this manager's clock.</param>
    public void Heard(NodeId node, TimeSpan ahead)
    {
        if (_control.Committed.Current.GetNode(node) is not { } row || _skews?.Heard(node, ahead, row.Status.ClockSkew) is not { } skew) return;
        if (skew.Duration() >= ClockSkews.Alarming) LogWrong(_logger, node.ToString(), row.Description.Hostname, GoDuration.Format(skew.Duration()), skew > TimeSpan.Zero ? "ahead of" : "behind");
        _control.Submit("clocks", tx => NodeStatusUpdates.SetClockSkew(tx, node, skew));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock of node {NodeId} ({Host}) is {Skew} {Direction} this manager's: certificates may not count there, and times in logs mislead; let both follow the same time servers")]
    private static partial void LogWrong(ILogger logger, string nodeId, string host, string skew, string direction);
}
