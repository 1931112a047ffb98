using Cluster.Model.Ids;
using Microsoft.Extensions.Logging;

namespace Cluster.Agent.Sessions;

public sealed partial class DispatcherClient
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "no session with manager {Manager}: {Reason}")]
    private static partial void LogAttemptFailed(ILogger logger, string manager, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the certificate of node {NodeId} is refused by manager {Manager} and all others: {Reason}; containers go on, but nobody manages them. Leave and join again")]
    private static partial void LogRefused(ILogger logger, NodeId nodeId, string manager, string reason);
}
