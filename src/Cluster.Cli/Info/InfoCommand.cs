using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;
using Cluster.Model.Time;

namespace Cluster.Cli.Info;

/// <summary><c>info</c>: what this machine is in which cluster; also without one, and when no manager answers.</summary>
internal sealed class InfoCommand : CliCommand
{
    private readonly Option<string> _format;

    public InfoCommand(CliContext context)
        : base(context, "info", "Show what this machine is in which cluster") =>
        _format = Text("--format", "json, or a TEMPLATE such as '{{.LocalNodeState}}'", "-f");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        GetNodeStatusResponse status = await daemon.CallAsync(() => daemon.Node.GetStatusAsync(new GetNodeStatusRequest(), daemon.Soon(ct)));
        JsonObject json = new()
        {
            ["LocalNodeState"] = status.State.ToString().ToLowerInvariant(),
            ["NodeID"] = status.NodeId,
            ["Cluster"] = status.ClusterId,
            ["Role"] = status.NodeId.Length == 0 ? "" : status.Role.ToString().ToLowerInvariant(),
            ["Managers"] = JsonText.Of(status.Managers),
            ["ConnectedManager"] = status.ConnectedManager,
            ["CertificateExpiry"] = status.CertificateNotAfterTicks == 0 ? "" : HumanText.Rfc3339(new ClusterTime(status.CertificateNotAfterTicks)),
            ["ServerVersion"] = status.DaemonVersion,
            ["Error"] = status.Error,
        };
        if (ObjectFormat.Render(flags.GetValue(_format), json) is { } asked)
        {
            await Output.WriteLineAsync(asked);
            return;
        }

        foreach ((string key, JsonNode? value) in json)
        {
            string text = value is JsonArray array ? string.Join(", ", array.Select(item => item!.GetValue<string>())) : value!.GetValue<string>();
            if (text.Length > 0) await Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{key + ":",-20}{text}"));
        }
    }
}
