using System.CommandLine;
using System.Text.Json.Nodes;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;

namespace Cluster.Cli.Debugging;

/// <summary><c>debug owned</c>: the tasks that this machine's agent holds. What carries another task's id here belongs to nobody.</summary>
internal sealed class DebugOwnedCommand : CliCommand
{
    private readonly Option<string> _format;

    public DebugOwnedCommand(CliContext context)
        : base(context, "owned", "List the tasks that this machine holds") =>
        _format = Text("--format", "json, or a TEMPLATE on {tasks, container_namespace}");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        ListOwnedResponse response = await daemon.CallAsync(() => daemon.Node.ListOwnedAsync(new ListOwnedRequest(), daemon.Soon(ct)));
        JsonObject json = new() { ["tasks"] = JsonText.Of(response.TaskIds), ["container_namespace"] = response.ContainerNamespace };
        if (ObjectFormat.Render(flags.GetValue(_format), json) is { } text) await Output.WriteLineAsync(text);
        else foreach (string id in response.TaskIds) await Output.WriteLineAsync(id);
    }
}
