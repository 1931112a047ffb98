using System.CommandLine;
using System.Text.Json.Nodes;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;
using Cluster.Model.Objects;
using Cluster.Model.Parsing;

namespace Cluster.Cli.Services;

/// <summary><c>service ls</c>.</summary>
internal sealed class ServiceListCommand : CliCommand
{
    private static readonly ListFormat Format = new(
        [new("ID", "ID"), new("Name", "NAME"), new("Mode", "MODE"), new("Replicas", "REPLICAS"), new("Image", "IMAGE"), new("Ports", "PORTS")],
        "{{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}");

    private readonly Option<string[]> _filter;
    private readonly Option<string> _format;
    private readonly Option<bool> _quiet;

    public ServiceListCommand(CliContext context)
        : base(context, "ls", "List services with how many of their tasks run", "list")
    {
        _filter = Texts("--filter", "Only services with key=value: id, name, label, mode", "-f");
        _format = Text("--format", "table, json, TEMPLATE or 'table TEMPLATE', such as '{{.Name}} {{.Replicas}}'");
        _quiet = Switch("--quiet", "Only ids", "-q");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        ListFilter filter = ListFilter.Parse(flags.GetValue(_filter) ?? [], "id", "label", "mode", "name").Only("mode", "replicated", "global");
        IEnumerable<JsonObject> rows = (await daemon.ListServicesAsync(ct))
            .Select(row => (Service: row.Service.ToModel(), row.Counts))
            .Where(row => IsWanted(row.Service, filter))
            .OrderBy(row => row.Service.Spec.Name, StringComparer.Ordinal)
            .Select(row => Row(row.Service, row.Counts));
        await Format.WriteAsync(Output, flags.GetValue(_format), flags.GetValue(_quiet), rows);
    }

    private static bool IsWanted(ServiceRecord service, ListFilter filter) =>
        filter.Allows("id", prefix => service.Id.ToString().StartsWith(prefix, StringComparison.Ordinal))
        && filter.Allows("name", prefix => service.Spec.Name.StartsWith(prefix, StringComparison.Ordinal))
        && filter.Allows("mode", mode => string.Equals(service.Spec.Mode.ToString(), mode, StringComparison.OrdinalIgnoreCase))
        && filter.AllowsLabels("label", service.Spec.Labels);

    private static JsonObject Row(ServiceRecord service, ServiceCounts counts)
    {
        int perNode = service.Spec.Placement.MaxReplicasPerNode;
        return new JsonObject
        {
            ["ID"] = HumanText.ShortId(service.Id.ToString()),
            ["Name"] = service.Spec.Name,
            ["Mode"] = service.Spec.Mode.ToString().ToLowerInvariant(),
            ["Replicas"] = $"{counts.Running}/{counts.Desired}{(perNode > 0 ? $" (max {perNode} per node)" : "")}",
            ["Image"] = service.Spec.Container.Image,
            ["Ports"] = string.Join(", ", service.Spec.Ports.Select(PortSyntax.Format)),
        };
    }
}
