using System.CommandLine;
using System.Globalization;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Model.Time;
using Grpc.Core;

namespace Cluster.Cli.Services;

/// <summary><c>service logs</c>: what the containers of a service, or of one task, printed.</summary>
internal sealed class ServiceLogsCommand : CliCommand
{
    private readonly Option<bool> _follow;
    private readonly Option<string> _tail;
    private readonly Option<string> _since;
    private readonly Option<bool> _timestamps;
    private readonly Option<bool> _raw;
    private readonly Option<bool> _noTaskIds;
    private readonly Option<bool> _noResolve;
    private readonly Option<bool> _noTrunc;
    private readonly Argument<string> _target;

    public ServiceLogsCommand(CliContext context)
        : base(context, "logs", "Show what the containers of a service or task printed")
    {
        _follow = Switch("--follow", "Go on with what they print from now on", "-f");
        _tail = Text("--tail", "Only so many lines from the end of each task (default: all)", "-n");
        _since = Text("--since", $"Only from a time on: {PointInTime.Forms}");
        _timestamps = Switch("--timestamps", "Show when each line was printed", "-t");
        _raw = Switch("--raw", "Only the lines, without who printed them");
        _noTaskIds = Switch("--no-task-ids", "Slots without task ids");
        _noResolve = Switch("--no-resolve", "Ids in place of names");
        _noTrunc = Switch("--no-trunc", "Do not shorten ids");
        _target = One("SERVICE|TASK", "A service's name or id, or a task's id");
        NotBuilt("--details");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        SubscribeLogsRequest request = new()
        {
            Follow = flags.GetValue(_follow),
            Tail = Tail(flags.GetValue(_tail)),
            SinceTicks = PointInTime.Parse("--since", flags.GetValue(_since), Context.Time).Ticks,
        };
        LogPrefixes prefixes = await TargetAsync(daemon, flags.GetRequiredValue(_target), request, flags, ct);
        using AsyncServerStreamingCall<LogBatch> call = daemon.Logs.SubscribeLogs(request, cancellationToken: ct);
        try
        {
            while (await call.ResponseStream.MoveNext(ct)) await WriteAsync(call.ResponseStream.Current, prefixes, flags, ct);
        }
        catch (Exception e) when (ct.IsCancellationRequested && request.Follow && e is RpcException or OperationCanceledException)
        {
            // Ctrl-C is how following ends.
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            throw daemon.Explain(e);
        }
    }

    private async Task WriteAsync(LogBatch batch, LogPrefixes prefixes, ParseResult flags, CancellationToken ct)
    {
        foreach (LogLine line in batch.Lines)
        {
            string time = flags.GetValue(_timestamps) ? new ClusterTime(line.AtTicks) + " " : "";
            string prefix = flags.GetValue(_raw) ? "" : await prefixes.OfAsync(line, ct);
            TextWriter writer = line.Stream == LogStream.Stderr ? Context.Error : Output;
            await writer.WriteLineAsync($"{time}{prefix}{line.Data.ToStringUtf8().TrimEnd('\r', '\n')}");
        }

        foreach (string note in batch.Notes) await Context.Error.WriteLineAsync($"cluster: {note}");
        await Output.FlushAsync(ct);
    }

    /// <summary>A service, or else a task.</summary>
    private async Task<LogPrefixes> TargetAsync(DaemonConnection daemon, string target, SubscribeLogsRequest request, ParseResult flags, CancellationToken ct)
    {
        string serviceName;
        try
        {
            Service service = (await daemon.GetServiceAsync(target, ct)).Service;
            request.ServiceId = service.Id;
            serviceName = service.Spec.Name;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            Api.V1.Task task = await FindTaskAsync(daemon, target, ct);
            request.TaskId = task.Id;
            serviceName = (await daemon.GetServiceAsync(task.ServiceId, ct)).Service.Spec.Name;
        }

        return new LogPrefixes(daemon, serviceName, flags.GetValue(_noTaskIds), flags.GetValue(_noResolve), flags.GetValue(_noTrunc));
    }

    private static async Task<Api.V1.Task> FindTaskAsync(DaemonConnection daemon, string target, CancellationToken ct)
    {
        try
        {
            return (await daemon.CallAsync(() => daemon.Control.GetTaskAsync(new GetTaskRequest { Task = target }, daemon.Soon(ct)))).Task;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound)
        {
            throw new CliException($"no service or task has the name, id or id prefix '{target}'");
        }
    }

    private static long Tail(string? text) => text switch
    {
        null or "all" => -1,
        _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long lines) => lines,
        _ => throw new CliException($"--tail '{text}' is not a number of lines or 'all'"),
    };
}
