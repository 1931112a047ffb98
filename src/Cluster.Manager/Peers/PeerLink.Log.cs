using Microsoft.Extensions.Logging;

namespace Cluster.Manager.Peers;

internal sealed partial class PeerLink
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to manager {Member} at {Address}")]
    private static partial void LogConnected(ILogger logger, string member, string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No way to manager {Member} at {Address}: {Reason}")]
    private static partial void LogBroken(ILogger logger, string member, string address, string reason);
}
