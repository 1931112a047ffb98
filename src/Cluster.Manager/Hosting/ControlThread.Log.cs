using Microsoft.Extensions.Logging;

namespace Cluster.Manager.Hosting;

internal sealed partial class ControlThread
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Leading: {Leading} in term {Term}")]
    private static partial void LogLeadership(ILogger logger, bool leading, ulong term);

    [LoggerMessage(Level = LogLevel.Information, Message = "Replaced the state by the leader's snapshot at index {Index}, version {Version}")]
    private static partial void LogRestored(ILogger logger, ulong index, ulong version);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Loop}: {Subject}: {Reason}")]
    private static partial void LogReport(ILogger logger, string loop, string subject, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A pass of the kernel was not taken: {Reason}")]
    private static partial void LogKernelFailed(ILogger logger, string? reason, Exception? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "A command of {Actor} failed")]
    private static partial void LogCommandFailed(ILogger logger, string actor, Exception error);
}
