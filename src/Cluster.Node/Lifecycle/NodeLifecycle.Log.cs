using Cluster.Model.States;
using Microsoft.Extensions.Logging;

namespace Cluster.Node.Lifecycle;

internal sealed partial class NodeLifecycle
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Node {NodeId} resumed as {Role}")]
    private static partial void LogResumed(ILogger logger, string nodeId, NodeRole role);

    [LoggerMessage(Level = LogLevel.Information, Message = "This node's address is {Address} from now on, {Before} before")]
    private static partial void LogMoved(ILogger logger, string before, string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This node is locked: its roles start when 'cluster node unlock' gives it the cluster's unlock key")]
    private static partial void LogLocked(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "This node's keys are sealed as the cluster wants it (locked: {IsLocked}, generation {Generation})")]
    private static partial void LogSealed(ILogger logger, bool isLocked, ulong generation);

    [LoggerMessage(Level = LogLevel.Information, Message = "The keys of log and snapshots from before are not needed any more and forgotten: {Count}")]
    private static partial void LogForgotten(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "This node's keys could not be sealed as the cluster wants it; it is tried again")]
    private static partial void LogSealingFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "This node's roles could not be started")]
    private static partial void LogResumeFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {ClusterId} started with node {NodeId} at {Address}")]
    private static partial void LogInitialised(ILogger logger, string clusterId, string nodeId, string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Joined cluster {ClusterId} as node {NodeId}, {Role}")]
    private static partial void LogJoined(ILogger logger, string clusterId, string nodeId, NodeRole role);

    [LoggerMessage(Level = LogLevel.Information, Message = "Left the cluster; its state on this node is deleted")]
    private static partial void LogLeft(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "The agent has ended")]
    private static partial void LogAgentFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "This node's certificate is renewed: {Role}, until {NotAfter:u}")]
    private static partial void LogRenewed(ILogger logger, NodeRole role, DateTime notAfter);

    [LoggerMessage(Level = LogLevel.Information, Message = "The cluster has given up this manager's member {Member}: it becomes another one")]
    private static partial void LogGivenUp(ILogger logger, ulong member);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This node's certificate could not be renewed: {Reason}")]
    private static partial void LogNotRenewed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "This node could not become what the cluster wants it to be; it is tried again")]
    private static partial void LogIdentityFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {ClusterId} goes on with this node as its only manager, in incarnation {Incarnation}")]
    private static partial void LogRevived(ILogger logger, string clusterId, ulong incarnation);
}
