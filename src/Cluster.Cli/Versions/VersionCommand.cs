using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;

namespace Cluster.Cli.Versions;

/// <summary><c>version</c>: of this program, and of the daemon where it runs.</summary>
internal sealed class VersionCommand : CliCommand
{
    private readonly Option<string> _format;

    public VersionCommand(CliContext context)
        : base(context, "version", "Show the versions of this program and of the daemon") =>
        _format = Text("--format", "json, or a TEMPLATE such as '{{.Server.Version}}'", "-f");

    private static string Own => typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        JsonObject json = new() { ["Client"] = new JsonObject { ["Version"] = Own } };
        CliException? notRunning = null;
        try
        {
            GetNodeStatusResponse status = await daemon.CallAsync(() => daemon.Node.GetStatusAsync(new GetNodeStatusRequest(), daemon.Soon(ct)));
            json["Server"] = new JsonObject
            {
                ["Version"] = status.DaemonVersion,
                ["State"] = status.State.ToString().ToLowerInvariant(),
                ["NodeID"] = status.NodeId,
                ["ClusterID"] = status.ClusterId,
                ["Manager"] = status.ConnectedManager,
                ["Error"] = status.Error,
            };
        }
        catch (CliException e)
        {
            notRunning = e;
        }

        if (ObjectFormat.Render(flags.GetValue(_format), json) is { } text) await Output.WriteLineAsync(text);
        else await PrettyText.WriteAsync(Output, [json]);
        if (notRunning is not null) throw notRunning;
    }
}
