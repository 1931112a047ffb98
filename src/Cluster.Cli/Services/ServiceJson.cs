using System.Text.Json.Nodes;
using Cluster.Cli.Output;
using Cluster.Model.Objects;
using Cluster.Model.Parsing;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Cli.Services;

/// <summary>A service as <c>inspect</c> shows it, in the shape of Docker's API.</summary>
internal static class ServiceJson
{
    public static JsonObject Of(ServiceRecord service)
    {
        ServiceSpec spec = service.Spec;
        JsonObject template = TemplateJson.Of(spec.Container, spec.Resources, spec.Network, spec.LogDriver, spec.ForceUpdate);
        template["RestartPolicy"] = new JsonObject
        {
            ["Condition"] = ConditionName(spec.Restart.Condition),
            ["Delay"] = TemplateJson.Nanoseconds(spec.Restart.Delay),
            ["MaxAttempts"] = spec.Restart.MaxAttempts,
            ["Window"] = TemplateJson.Nanoseconds(spec.Restart.Window),
        };
        template["Placement"] = Placement(spec.Placement);
        return new JsonObject
        {
            ["ID"] = service.Id.ToString(),
            ["Version"] = new JsonObject { ["Index"] = service.Meta.Version },
            ["CreatedAt"] = HumanText.Rfc3339(service.Meta.CreatedAt),
            ["UpdatedAt"] = HumanText.Rfc3339(service.Meta.UpdatedAt),
            ["Spec"] = new JsonObject
            {
                ["Name"] = spec.Name,
                ["Labels"] = JsonText.Of(spec.Labels.Items),
                ["TaskTemplate"] = template,
                ["Mode"] = spec.Mode == ServiceMode.Replicated
                    ? new JsonObject { ["Replicated"] = new JsonObject { ["Replicas"] = spec.Replicas } }
                    : new JsonObject { ["Global"] = new JsonObject() },
                ["EndpointSpec"] = new JsonObject { ["Ports"] = new JsonArray([.. spec.Ports.Select(Port)]) },
            },
            ["SpecVersion"] = service.SpecVersion,
            ["TemplateID"] = service.Template.ToString(),
            ["Removing"] = service.Removing,
        };
    }

    public static string ConditionName(RestartCondition condition) => condition switch
    {
        RestartCondition.None => "none",
        RestartCondition.OnFailure => "on-failure",
        _ => "any",
    };

    private static JsonObject Placement(Placement placement)
    {
        JsonObject json = [];
        if (!placement.Constraints.IsEmpty) json["Constraints"] = JsonText.Of(placement.Constraints);
        if (!placement.SpreadOver.IsEmpty)
            json["Preferences"] = new JsonArray([.. placement.SpreadOver.Select(key => new JsonObject { ["Spread"] = new JsonObject { ["SpreadDescriptor"] = key } })]);
        if (placement.MaxReplicasPerNode > 0) json["MaxReplicas"] = placement.MaxReplicasPerNode;
        return json;
    }

    private static JsonNode Port(PortSpec port) => new JsonObject
    {
        ["Protocol"] = PortSyntax.Name(port.Protocol),
        ["TargetPort"] = port.TargetPort,
        ["PublishedPort"] = port.PublishedPort,
        ["PublishMode"] = port.Mode == PublishMode.Host ? "host" : "ingress",
    };
}
