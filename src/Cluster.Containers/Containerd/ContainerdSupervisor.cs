using System.ComponentModel;
using System.Diagnostics;
using Cluster.Containers.Wire.Events;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Cluster.Containers.Containerd;

/// <summary>
/// Keeps a containerd answering on the node's socket: adopts one that does, starts one that does not, and starts it again when it dies.
/// It runs in a session of its own with its output in a file, so that it and the containers outlive this process; only
/// <see cref="ShutDownAsync"/> ends it. With an external socket nothing is started or ended, only watched.
/// </summary>
internal sealed partial class ContainerdSupervisor(
    ContainerEngineOptions options, ContainerdPaths paths, ContainerdClient client, TimeProvider timeProvider, ILogger<ContainerdSupervisor> logger)
{
    private const long MaxLogBytes = 16 << 20;
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HealthyAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(20);

    private volatile TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _isShutDown;

    private bool IsExternal => options.ExternalSocket is not null;

    /// <summary>Completes as soon as containerd answers, at once when it last did.</summary>
    public Task WaitReadyAsync(CancellationToken ct) => _ready.Task.WaitAsync(ct);

    /// <summary>Runs until cancelled, and then leaves containerd running; or until it has been shut down.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        TimeSpan backOff = FirstBackOff;
        while (!_isShutDown)
        {
            long startedAt = timeProvider.GetTimestamp();
            if (await EnsureAnswersAsync(ct))
            {
                _ready.TrySetResult();
                await WatchAsync(ct);
                _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_isShutDown) return;
                LogLost(paths.Socket);
                if (timeProvider.GetElapsedTime(startedAt) > HealthyAfter) backOff = FirstBackOff;
            }

            await Task.Delay(backOff, timeProvider, ct);
            backOff = backOff * 2 > LongestBackOff ? LongestBackOff : backOff * 2;
        }
    }

    /// <summary>Ends the containerd that was started or adopted, and waits until it is gone. Containers are not touched: remove them before.</summary>
    public async Task ShutDownAsync(CancellationToken ct)
    {
        _isShutDown = true;
        if (IsExternal) return;
        int pid = PeerProcess.Listening(paths.Socket);
        if (pid > 0)
        {
            await EndAsync(pid, ct);
            LogShutDown(pid);
        }

        // Its metadata names what was in the run directory: one without the other is of no use.
        if (Directory.Exists(Path.Combine(paths.Run, "containerd"))) Directory.Delete(Path.Combine(paths.Run, "containerd"), recursive: true);
    }

    private async Task<bool> EnsureAnswersAsync(CancellationToken ct)
    {
        if (await AskVersionAsync(ct) is { } adopted)
        {
            LogAdopted(adopted, paths.Socket, PeerProcess.Listening(paths.Socket));
            return true;
        }

        if (IsExternal)
        {
            LogExternalSilent(paths.Socket);
            return false;
        }

        // One that listens but does not answer is hung: it would keep its successor from the database.
        int hung = PeerProcess.Listening(paths.Socket);
        if (hung > 0)
        {
            LogHung(hung, AnswerPatience.TotalSeconds);
            await EndAsync(hung, ct);
        }

        return await StartAsync(ct);
    }

    private async Task<bool> StartAsync(CancellationToken ct)
    {
        Process? process = null;
        try
        {
            process = Launch();
            long startedAt = timeProvider.GetTimestamp();
            while (timeProvider.GetElapsedTime(startedAt) < StartPatience)
            {
                if (File.Exists(paths.Socket) && await AskVersionAsync(ct) is { } version)
                {
                    LogStarted(version, process.Id, timeProvider.GetElapsedTime(startedAt).TotalMilliseconds);
                    return true;
                }

                if (process.HasExited)
                {
                    LogDiedAtStart(process.ExitCode, paths.ContainerdLog);
                    return false;
                }

                await Task.Delay(PollPeriod, timeProvider, ct);
            }

            LogSlowStart(StartPatience.TotalSeconds, paths.ContainerdLog);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            LogCannotStart(e, options.ContainerdBinary);
            return false;
        }
        finally
        {
            process?.Dispose();
        }
    }

    /// <summary>No pipes: with this process dead they would break under containerd. A session of its own: Ctrl-C must not reach it.</summary>
    private Process Launch()
    {
        Directory.CreateDirectory(paths.ContainerdRoot);
        Directory.CreateDirectory(paths.ContainerdState);
        Directory.CreateDirectory(paths.RuncRoot);
        Directory.CreateDirectory(Path.GetDirectoryName(paths.ContainerdLog)!);
        File.SetUnixFileMode(Path.Combine(paths.Run, "containerd"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(paths.ConfigFile, ContainerdConfig.Render(paths));
        CutLog();
        ProcessStartInfo start = new("/bin/sh")
        {
            ArgumentList = { "-c", "exec setsid \"$0\" --config \"$1\" >>\"$2\" 2>&1 </dev/null", options.ContainerdBinary, paths.ConfigFile, paths.ContainerdLog },
            WorkingDirectory = "/",
        };
        return Process.Start(start) ?? throw new IOException("no process for containerd");
    }

    /// <summary>Watches by an open stream of events, which ends at once when containerd does.</summary>
    private async Task WatchAsync(CancellationToken ct)
    {
        try
        {
            SubscribeRequest request = new();
            request.Filters.Add($"namespace=={client.Namespace},topic==\"/none\"");
            using AsyncServerStreamingCall<Envelope> events = client.Events.Subscribe(request, cancellationToken: ct);
            while (await events.ResponseStream.MoveNext(ct)) CutLog(); // no event has this topic
        }
        catch (RpcException) when (!ct.IsCancellationRequested)
        {
            // The caller looks what is left of it.
        }
        catch (RpcException e)
        {
            throw new OperationCanceledException("cancelled", e, ct);
        }
    }

    private async Task<string?> AskVersionAsync(CancellationToken ct)
    {
        try
        {
            return (await client.Version.VersionAsync(new Empty(), deadline: timeProvider.GetUtcNow().UtcDateTime + AnswerPatience, cancellationToken: ct)).Version;
        }
        catch (RpcException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task EndAsync(int pid, CancellationToken ct)
    {
        const int sigTerm = 15, sigKill = 9;
        Interop.Kill(pid, sigTerm);
        long startedAt = timeProvider.GetTimestamp();
        bool isKilled = false;
        while (Directory.Exists($"/proc/{pid}") && !IsZombie(pid))
        {
            if (!isKilled && timeProvider.GetElapsedTime(startedAt) > AnswerPatience)
            {
                isKilled = true;
                Interop.Kill(pid, sigKill);
            }

            await Task.Delay(PollPeriod, timeProvider, ct);
        }
    }

    private static bool IsZombie(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart().StartsWith("Z");
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>containerd appends, so its log can be cut under it.</summary>
    private void CutLog()
    {
        FileInfo log = new(paths.ContainerdLog);
        if (!log.Exists || log.Length < MaxLogBytes) return;
        log.CopyTo(paths.ContainerdLog + ".1", overwrite: true);
        using FileStream file = new(paths.ContainerdLog, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
    }
}
