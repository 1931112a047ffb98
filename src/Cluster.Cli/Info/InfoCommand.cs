using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;
using Cluster.Model.Parsing;
using Cluster.Model.Time;
using Grpc.Core;

namespace Cluster.Cli.Info;

/// <summary><c>info</c>: what this machine is in which cluster; also without one, and when no manager answers.</summary>
internal sealed class InfoCommand : CliCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

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
        if (await SettingsAsync(status, daemon, ct) is { } settings) AddSettings(json, settings);
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

    /// <summary>Null: this is no manager, or the cluster does not answer.</summary>
    private static async Task<ClusterSpec?> SettingsAsync(GetNodeStatusResponse status, DaemonConnection daemon, CancellationToken ct)
    {
        if (status.State != LocalNodeState.Active || status.Role != NodeRole.Manager) return null;
        try
        {
            return (await daemon.Control.GetClusterAsync(new GetClusterRequest(), deadline: daemon.Within(Patience), cancellationToken: ct)).Cluster.Spec;
        }
        catch (RpcException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private static void AddSettings(JsonObject json, ClusterSpec spec)
    {
        json["Autolock"] = spec.Autolock ? "true" : "false";
        json["TaskHistoryLimit"] = spec.TaskHistoryLimit.ToString(CultureInfo.InvariantCulture);
        json["HeartbeatPeriod"] = GoDuration.Format(new TimeSpan(spec.HeartbeatPeriodTicks));
        json["NodeCertExpiry"] = GoDuration.Format(new TimeSpan(spec.CertificateExpiryTicks));
    }
}
