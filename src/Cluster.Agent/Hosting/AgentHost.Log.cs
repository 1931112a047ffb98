using Cluster.Model.Ids;
using Microsoft.Extensions.Logging;

namespace Cluster.Agent.Hosting;

public sealed partial class AgentHost
{
    [LoggerMessage(Level = LogLevel.Information, Message = "agent of node {NodeId} starts with {TaskCount} tasks of version {Version}")]
    private static partial void LogStarted(ILogger logger, NodeId nodeId, int taskCount, ulong version);

    [LoggerMessage(Level = LogLevel.Error, Message = "state file {Path} is damaged ({Damage}) and was set aside as {Path}.damaged; containers are adopted when a manager sends the assignments")]
    private static partial void LogStateDamaged(ILogger logger, string path, string damage);

    [LoggerMessage(Level = LogLevel.Error, Message = "state file {Path} cannot be written: {Reason}; the agent waits, containers go on")]
    private static partial void LogNotStored(ILogger logger, string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the container runtime does not list its containers: {Reason}; trying again")]
    private static partial void LogNotListed(ILogger logger, string reason);
}
