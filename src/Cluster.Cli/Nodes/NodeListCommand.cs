using System.CommandLine;
using System.Text.Json.Nodes;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;
using Cluster.Model.Objects;
using Grpc.Core;

namespace Cluster.Cli.Nodes;

/// <summary><c>node ls</c>.</summary>
internal sealed class NodeListCommand : CliCommand
{
    private static readonly ListFormat Format = new(
        [
            new("ID", "ID"), new("Self", "SELF"), new("Hostname", "HOSTNAME"), new("Status", "STATUS"), new("Availability", "AVAILABILITY"),
            new("ManagerStatus", "MANAGER STATUS"), new("EngineVersion", "ENGINE VERSION"), new("Role", "ROLE"), new("Address", "ADDRESS"), new("IDMark", "ID"),
        ],
        "{{.IDMark}}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}");

    private readonly Option<string[]> _filter;
    private readonly Option<string> _format;
    private readonly Option<bool> _quiet;

    public NodeListCommand(CliContext context)
        : base(context, "ls", "List the cluster's nodes (on a manager); * marks this one", "list")
    {
        _filter = Texts("--filter", "Only nodes with key=value: id, name, role, membership, label (engine), node.label", "-f");
        _format = Text("--format", "table, json, TEMPLATE or 'table TEMPLATE', such as '{{.Hostname}} {{.Status}}'");
        _quiet = Switch("--quiet", "Only ids", "-q");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        ListFilter filter = ListFilter.Parse(flags.GetValue(_filter) ?? [], "id", "name", "role", "membership", "label", "node.label")
            .Only("role", "worker", "manager").Only("membership", "accepted", "pending");
        IReadOnlyList<Node> nodes = await daemon.ListNodesAsync(ct);
        string self = await SelfAsync(daemon, ct);
        IEnumerable<JsonObject> rows = nodes
            .Select(node => (Proto: node, Model: node.ToModel()))
            .Where(node => IsWanted(node.Model, filter))
            .OrderBy(node => node.Model.Description.Hostname, StringComparer.Ordinal).ThenBy(node => node.Model.Id)
            .Select(node => Row(node.Proto, node.Model, node.Proto.Id == self));
        await Format.WriteAsync(Output, flags.GetValue(_format), flags.GetValue(_quiet), rows);
    }

    private static bool IsWanted(NodeRecord node, ListFilter filter) =>
        filter.Allows("id", prefix => node.Id.ToString().StartsWith(prefix, StringComparison.Ordinal))
        && filter.Allows("name", prefix => node.Description.Hostname.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        && filter.Allows("role", role => string.Equals(node.Certificate.Role.ToString(), role, StringComparison.OrdinalIgnoreCase))
        && filter.Allows("membership", membership => string.Equals(membership, "accepted", StringComparison.OrdinalIgnoreCase))
        && filter.AllowsLabels("label", node.Description.EngineLabels)
        && filter.AllowsLabels("node.label", node.Spec.Labels);

    private static JsonObject Row(Node proto, NodeRecord node, bool isSelf) => new()
    {
        ["ID"] = node.Id.ToString(),
        ["Self"] = isSelf,
        ["Hostname"] = node.Description.Hostname,
        ["Status"] = node.Status.State.ToString(),
        ["Availability"] = node.Spec.Availability.ToString(),
        ["ManagerStatus"] = NodeText.ManagerStatus(proto),
        ["EngineVersion"] = node.Description.EngineVersion,
        ["Role"] = node.Certificate.Role.ToString(),
        ["Address"] = node.Status.Address,
        ["IDMark"] = $"{node.Id} {(isSelf ? '*' : ' ')}",
    };

    /// <summary>Which one this machine is; without an answer none is marked.</summary>
    private static async Task<string> SelfAsync(DaemonConnection daemon, CancellationToken ct)
    {
        if (daemon.IsRemote) return "";
        try
        {
            return (await daemon.CallAsync(() => daemon.Node.GetStatusAsync(new GetNodeStatusRequest(), daemon.Soon(ct)))).NodeId;
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            return "";
        }
    }
}
