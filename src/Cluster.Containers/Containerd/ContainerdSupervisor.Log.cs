using Microsoft.Extensions.Logging;

namespace Cluster.Containers.Containerd;

internal sealed partial class ContainerdSupervisor
{
    [LoggerMessage(LogLevel.Information, "containerd {Version} answers on {Socket} (pid {Pid}): adopted")]
    private partial void LogAdopted(string version, string socket, int pid);

    [LoggerMessage(LogLevel.Information, "containerd {Version} started (pid {Pid}) in {ElapsedMs:F0} ms")]
    private partial void LogStarted(string version, int pid, double elapsedMs);

    [LoggerMessage(LogLevel.Warning, "containerd on {Socket} is gone; its containers go on, it is started again")]
    private partial void LogLost(string socket);

    [LoggerMessage(LogLevel.Error, "containerd ended with code {ExitCode} before it answered; see {LogFile}")]
    private partial void LogDiedAtStart(int exitCode, string logFile);

    [LoggerMessage(LogLevel.Error, "containerd did not answer within {Seconds} s of its start; see {LogFile}")]
    private partial void LogSlowStart(double seconds, string logFile);

    [LoggerMessage(LogLevel.Error, "cannot start '{Binary}': is containerd installed and on the PATH?")]
    private partial void LogCannotStart(Exception exception, string binary);

    [LoggerMessage(LogLevel.Warning, "containerd (pid {Pid}) accepts connections but gave no answer for {Seconds} s: it is replaced")]
    private partial void LogHung(int pid, double seconds);

    [LoggerMessage(LogLevel.Warning, "no containerd answers on {Socket}: start it, or run clusterd without --containerd")]
    private partial void LogExternalSilent(string socket);

    [LoggerMessage(LogLevel.Information, "containerd (pid {Pid}) was shut down")]
    private partial void LogShutDown(int pid);
}
