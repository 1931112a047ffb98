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

namespace Cluster.Cli.Tasks;

/// <summary>The table of <c>service ps</c> and <c>node ps</c>: tasks with where they run and why they ended, the newest of a slot first.</summary>
internal sealed class TaskTable(DaemonConnection daemon, TimeProvider time)
{
    private const int ErrorLength = 30;

    private static readonly ListFormat Format = new(
        [
            new("ID", "ID"), new("Name", "NAME"), new("Image", "IMAGE"), new("Node", "NODE"), new("DesiredState", "DESIRED STATE"),
            new("CurrentState", "CURRENT STATE"), new("Error", "ERROR"), new("Ports", "PORTS"),
        ],
        "{{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}");

    private readonly Dictionary<string, string> _images = [];

    /// <summary>Prints the tasks that the filter allows.</summary>
    public async Task WriteAsync(TextWriter output, IReadOnlyList<(ServiceRecord Service, TaskRecord Task)> tasks, TaskTableFlags flags, CancellationToken ct)
    {
        Dictionary<string, string> hosts = flags.NoResolve ? [] : await HostsAsync(ct);
        List<JsonObject> rows = [];
        SlotKey previous = default;
        foreach ((ServiceRecord service, TaskRecord task) in tasks.Where(t => IsWanted(t.Task, t.Service, hosts, flags.Filter)).OrderBy(t => t.Service.Spec.Name, StringComparer.Ordinal)
            .ThenBy(t => t.Task.Slot).ThenBy(t => t.Task.Slot == 0 ? t.Task.NodeId : default).ThenByDescending(t => t.Task.Meta.CreatedVersion).ThenByDescending(t => t.Task.Id))
        {
            SlotKey slot = new(task.ServiceId, task.Slot, task.Slot == 0 ? task.NodeId : default);
            bool isHistory = slot == previous && ListFormat.IsTable(flags.Format);
            previous = slot;
            string name = flags.NoResolve ? task.ServiceId.ToString() : service.Spec.Name;
            rows.Add(Row(task, name, hosts, await ImageAsync(service, task, ct), isHistory, flags.NoTrunc));
        }

        await Format.WriteAsync(output, flags.Format, flags.Quiet, rows);
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
            ["CurrentState"] = $"{task.Status.State} {HumanText.Ago(task.Status.Since.IsNone ? task.Meta.CreatedAt : task.Status.Since, time).ToLowerInvariant()}".TrimEnd(),
            ["Error"] = error,
            ["Ports"] = string.Join(",", task.HostPorts.Select(p => PortSyntax.Format(new(p.Protocol, p.TargetPort, p.PublishedPort, PublishMode.Host)))),
        };
    }

    private async Task<Dictionary<string, string>> HostsAsync(CancellationToken ct)
    {
        Dictionary<string, string> hosts = [];
        foreach (Node node in await daemon.ListNodesAsync(ct)) hosts[node.Id] = node.Description?.Hostname is { Length: > 0 } host ? host : node.Id;
        return hosts;
    }

    /// <summary>The image of the task's own template, which may be older than the service's; asked for once for each template.</summary>
    private async Task<string> ImageAsync(ServiceRecord service, TaskRecord task, CancellationToken ct)
    {
        if (task.Template == service.Template) return service.Spec.Container.Image;
        string template = task.Template.ToString();
        if (_images.TryGetValue(template, out string? known)) return known;
        GetTaskResponse response = await daemon.CallAsync(() => daemon.Control.GetTaskAsync(new GetTaskRequest { Task = task.Id.ToString() }, daemon.Soon(ct)));
        return _images[template] = response.Template?.Container?.Image ?? "";
    }
}
