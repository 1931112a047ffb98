using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;
using Cluster.Model.Time;
using Grpc.Core;

namespace Cluster.Cli.Events;

/// <summary><c>events</c>: what changes in the cluster and who asked for it, as it happens, or as far back as managers keep it.</summary>
internal sealed class EventsCommand : CliCommand
{
    private readonly Option<string> _since;
    private readonly Option<string> _until;
    private readonly Option<string[]> _filter;
    private readonly Option<string> _format;

    public EventsCommand(CliContext context)
        : base(context, "events", "Show what changes in the cluster and who asked for it: from now on, or with --since as far back as managers keep it")
    {
        _since = Text("--since", $"From a time on: {PointInTime.Forms}");
        _until = Text("--until", "Up to a time, and no longer");
        _filter = Texts("--filter", "Only events with key=value: type (cluster, node, service, task), event (create, update, remove), node, service, by", "-f");
        _format = Text("--format", "json, or a TEMPLATE such as '{{.Type}} {{.Action}} {{.By}}'");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        ListFilter filter = ListFilter.Parse(flags.GetValue(_filter) ?? [], "type", "event", "node", "service", "by")
            .Only("type", "cluster", "node", "service", "task").Only("event", "create", "update", "remove");
        ClusterTime since = PointInTime.Parse("--since", flags.GetValue(_since), Context.Time);
        ClusterTime until = PointInTime.Parse("--until", flags.GetValue(_until), Context.Time);
        if (!until.IsNone && until < since) throw new CliException("--until is before --since");

        // Before the first event, so that it is known how things are called.
        EventReader reader = await EventReader.CreateAsync(daemon, ct);
        WatchRequest request = new() { SinceTicks = since.Ticks, UntilTicks = until.Ticks, WithPrevious = true };
        using AsyncServerStreamingCall<WatchBatch> watch = daemon.Watch.Watch(request, cancellationToken: ct);
        try
        {
            while (await watch.ResponseStream.MoveNext(ct))
            {
                WatchBatch batch = watch.ResponseStream.Current;
                if (batch.Incomplete) await Context.Error.WriteLineAsync("cluster: some events since then are not kept any more");
                foreach (ClusterEvent one in reader.Read(batch).Where(one => IsWanted(one, filter))) await Output.WriteLineAsync(ObjectFormat.Render(flags.GetValue(_format), one.ToJson()) ?? one.ToString());
                await Output.FlushAsync(ct);
            }
        }
        catch (Exception e) when (ct.IsCancellationRequested && e is RpcException or OperationCanceledException)
        {
            // Ctrl-C is how watching ends.
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            throw daemon.Explain(e);
        }
    }

    private static bool IsWanted(ClusterEvent one, ListFilter filter) =>
        filter.Allows("type", type => type == one.Type)
        && filter.Allows("event", action => action == one.Action)
        && filter.Allows("by", by => one.By == by || one.By.EndsWith(":" + by, StringComparison.Ordinal))
        && filter.Allows("node", node => (one.Type == "node" && IsNamed(one, node)) || (one.Type == "task" && one.Attribute("node") == node))
        && filter.Allows("service", service => (one.Type == "service" && IsNamed(one, service)) || (one.Type == "task" && one.Attribute("name").StartsWith(service + ".", StringComparison.Ordinal)));

    private static bool IsNamed(ClusterEvent one, string name) => one.Attribute("name") == name || one.Id.StartsWith(name, StringComparison.Ordinal);
}
