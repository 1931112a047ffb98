using System.Text.Json.Nodes;
using Cluster.Cli.Output;
using Cluster.Cli.Services;
using Cluster.Model.Objects;
using Cluster.Model.Parsing;

namespace Cluster.Cli.Tasks;

/// <summary>A task as <c>inspect</c> shows it, in the shape of Docker's API.</summary>
internal static class TaskJson
{
    public static JsonObject Of(TaskRecord task, TaskTemplate? template)
    {
        JsonObject container = new() { ["PID"] = task.Status.Pid };
        if (task.Status.ExitCode is { } code) container["ExitCode"] = code;
        JsonObject json = new()
        {
            ["ID"] = task.Id.ToString(),
            ["Version"] = new JsonObject { ["Index"] = task.Meta.Version },
            ["CreatedAt"] = HumanText.Rfc3339(task.Meta.CreatedAt),
            ["UpdatedAt"] = HumanText.Rfc3339(task.Meta.UpdatedAt),
            ["ServiceID"] = task.ServiceId.ToString(),
            ["Slot"] = task.Slot,
            ["NodeID"] = task.NodeId.ToString(),
            ["TemplateID"] = task.Template.ToString(),
            ["Status"] = new JsonObject
            {
                ["Timestamp"] = HumanText.Rfc3339(task.Status.Since),
                ["State"] = task.Status.State.ToString().ToLowerInvariant(),
                ["Message"] = task.Status.Message,
                ["Err"] = task.Status.Error,
                ["ContainerStatus"] = container,
                ["PortStatus"] = new JsonObject { ["Ports"] = new JsonArray([.. task.HostPorts.Select(Port)]) },
            },
            ["DesiredState"] = task.DesiredState.ToString().ToLowerInvariant(),
        };
        if (!task.StartAfter.IsNone) json["StartAfter"] = HumanText.Rfc3339(task.StartAfter);
        if (template is not null) json["Spec"] = TemplateJson.Of(template.Container, template.Resources, template.Network, template.LogDriver, template.ForceUpdate);
        return json;
    }

    private static JsonNode Port(HostPort port) => new JsonObject
    {
        ["Protocol"] = PortSyntax.Name(port.Protocol),
        ["TargetPort"] = port.TargetPort,
        ["PublishedPort"] = port.PublishedPort,
        ["PublishMode"] = "host",
    };
}
