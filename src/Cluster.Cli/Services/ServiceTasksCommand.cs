using System.CommandLine;
using System.Text.Json.Nodes;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;
using Cluster.Model.Naming;
using Cluster.Model.Objects;
using Cluster.Model.Parsing;
using PublishMode = Cluster.Model.States.PublishMode;
using TaskState = Cluster.Model.States.TaskState;

namespace Cluster.Cli.Services;

/// <summary><c>service ps</c>: the tasks of services, newest first in each slot, those that came before below.</summary>
internal sealed class ServiceTasksCommand : CliCommand
{
    private const int ErrorLength = 30;

    private static readonly ListFormat Format = new(
        [
            new("ID", "ID"), new("Name", "NAME"), new("Image", "IMAGE"), new("Node", "NODE"), new("DesiredState", "DESIRED STATE"),
            new("CurrentState", "CURRENT STATE"), new("Error", "ERROR"), new("Ports", "PORTS"),
        ],
        "{{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}");

    private readonly Option<string[]> _filter;
    private readonly Option<string> _format;
    private readonly Option<bool> _noResolve;
    private readonly Option<bool> _noTrunc;
    private readonly Option<bool> _quiet;
    private readonly Argument<string[]> _services;

    public ServiceTasksCommand(CliContext context)
        : base(context, "ps", "List the tasks of services, with where they run and why they ended")
    {
        _filter = Texts("--filter", "Only tasks with key=value: id, name, node, desired-state (running, shutdown, accepted)", "-f");
        _format = Text("--format", "table, json, TEMPLATE or 'table TEMPLATE', such as '{{.Name}} {{.Node}} {{.CurrentState}}'");
        _noResolve = Switch("--no-resolve", "Ids in place of names");
        _noTrunc = Switch("--no-trunc", "Do not shorten ids and errors");
        _quiet = Switch("--quiet", "Only ids", "-q");
        _services = OneOrMore("SERVICE", "A service's name, id or the start of its id");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        ListFilter filter = ListFilter.Parse(flags.GetValue(_filter) ?? [], "id", "name", "node", "desired-state")
            .Only("desired-state", "running", "shutdown", "accepted");
        bool noResolve = flags.GetValue(_noResolve), noTrunc = flags.GetValue(_noTrunc);
        Dictionary<string, string> hosts = noResolve ? [] : await HostsAsync(daemon, ct);
        List<JsonObject> rows = [];
        foreach (string name in flags.GetRequiredValue(_services))
        {
            ServiceRecord service = (await daemon.GetServiceAsync(name, ct)).Service.ToModel();
            IEnumerable<TaskRecord> tasks = (await daemon.ListTasksAsync(service.Id.ToString(), ct))
                .Where(task => IsWanted(task, service, hosts, filter))
                .OrderBy(task => task.Slot).ThenBy(task => task.Slot == 0 ? task.NodeId : default)
                .ThenByDescending(task => task.Meta.CreatedVersion).ThenByDescending(task => task.Id);
            Dictionary<string, string> images = [];
            SlotKey previous = default;
            foreach (TaskRecord task in tasks)
            {
                SlotKey slot = new(task.ServiceId, task.Slot, task.Slot == 0 ? task.NodeId : default);
                bool isHistory = slot == previous && ListFormat.IsTable(flags.GetValue(_format));
                previous = slot;
                string image = await ImageAsync(daemon, service, task, images, ct);
                rows.Add(Row(task, noResolve ? task.ServiceId.ToString() : service.Spec.Name, hosts, image, isHistory, noTrunc));
            }
        }

        await Format.WriteAsync(Output, flags.GetValue(_format), flags.GetValue(_quiet), rows);
    }

    private static bool IsWanted(TaskRecord task, ServiceRecord service, Dictionary<string, string> hosts, ListFilter filter) =>
        filter.Allows("id", prefix => task.Id.ToString().StartsWith(prefix, StringComparison.Ordinal))
        && filter.Allows("name", prefix => TaskName.Of(service.Spec.Name, task).StartsWith(prefix, StringComparison.Ordinal))
        && filter.Allows("node", node => !task.NodeId.IsNone && (hosts.GetValueOrDefault(task.NodeId.ToString()) == node || task.NodeId.ToString().StartsWith(node, StringComparison.Ordinal)))
        && filter.Allows("desired-state", state => state.ToLowerInvariant() switch
        {
            "running" => task.DesiredState == TaskState.Running,
            "shutdown" => task.DesiredState >= TaskState.Shutdown,
            _ => task.DesiredState is TaskState.Accepted or TaskState.Ready,
        });

    private JsonObject Row(TaskRecord task, string service, Dictionary<string, string> hosts, string image, bool isHistory, bool noTrunc)
    {
        string id = task.Id.ToString(), node = task.NodeId.ToString();
        string name = TaskName.Short(service, task.Slot, task.NodeId);
        string error = task.Status.Error.ReplaceLineEndings(" ");
        if (error.Length > 0) error = $"\"{(noTrunc ? error : HumanText.Shorten(error, ErrorLength))}\"";
        return new JsonObject
        {
            ["ID"] = noTrunc ? id : HumanText.ShortId(id),
            ["Name"] = isHistory ? $" \\_ {name}" : name,
            ["Image"] = image,
            ["Node"] = hosts.GetValueOrDefault(node, node),
            ["DesiredState"] = task.DesiredState.ToString(),
            ["CurrentState"] = $"{task.Status.State} {HumanText.Ago(task.Status.Since.IsNone ? task.Meta.CreatedAt : task.Status.Since, Context.Time).ToLowerInvariant()}".TrimEnd(),
            ["Error"] = error,
            ["Ports"] = string.Join(",", task.HostPorts.Select(p => PortSyntax.Format(new(p.Protocol, p.TargetPort, p.PublishedPort, PublishMode.Host)))),
        };
    }

    private static async Task<Dictionary<string, string>> HostsAsync(DaemonConnection daemon, CancellationToken ct)
    {
        Dictionary<string, string> hosts = [];
        foreach (Node node in await daemon.ListNodesAsync(ct)) hosts[node.Id] = node.Description?.Hostname is { Length: > 0 } host ? host : node.Id;
        return hosts;
    }

    /// <summary>The image of the task's own template, which may be older than the service's; asked for once for each template.</summary>
    private static async Task<string> ImageAsync(DaemonConnection daemon, ServiceRecord service, TaskRecord task, Dictionary<string, string> images, CancellationToken ct)
    {
        if (task.Template == service.Template) return service.Spec.Container.Image;
        string template = task.Template.ToString();
        if (images.TryGetValue(template, out string? known)) return known;
        GetTaskResponse response = await daemon.CallAsync(() => daemon.Control.GetTaskAsync(new GetTaskRequest { Task = task.Id.ToString() }, daemon.Soon(ct)));
        return images[template] = response.Template?.Container?.Image ?? "";
    }
}
