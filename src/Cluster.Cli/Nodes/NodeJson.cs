using System.Text.Json.Nodes;
using Cluster.Api.V1;
using Cluster.Cli.Output;
using Cluster.Model.Objects;
using Cluster.Model.Parsing;

namespace Cluster.Cli.Nodes;

/// <summary>A node as <c>inspect</c> shows it, in the shape of Docker's API.</summary>
internal static class NodeJson
{
    public static JsonObject Of(NodeRecord node, Node proto)
    {
        JsonObject json = new()
        {
            ["ID"] = node.Id.ToString(),
            ["Version"] = new JsonObject { ["Index"] = node.Meta.Version },
            ["CreatedAt"] = HumanText.Rfc3339(node.Meta.CreatedAt),
            ["UpdatedAt"] = HumanText.Rfc3339(node.Meta.UpdatedAt),
            ["Spec"] = new JsonObject
            {
                ["Labels"] = JsonText.Of(node.Spec.Labels.Items),
                ["Role"] = node.Spec.Role.ToString().ToLowerInvariant(),
                ["Availability"] = node.Spec.Availability.ToString().ToLowerInvariant(),
            },
            ["Description"] = new JsonObject
            {
                ["Hostname"] = node.Description.Hostname,
                ["Platform"] = new JsonObject { ["Architecture"] = node.Description.Architecture, ["OS"] = node.Description.Os },
                ["Resources"] = new JsonObject { ["NanoCPUs"] = node.Description.Resources.NanoCpus, ["MemoryBytes"] = node.Description.Resources.MemoryBytes },
                ["Engine"] = new JsonObject
                {
                    ["EngineVersion"] = node.Description.EngineVersion,
                    ["Labels"] = JsonText.Of(node.Description.EngineLabels.Items),
                },
            },
            ["Status"] = new JsonObject
            {
                ["State"] = node.Status.State.ToString().ToLowerInvariant(),
                ["Message"] = node.Status.Message,
                ["Addr"] = node.Status.Address,
                ["Since"] = HumanText.Rfc3339(node.Status.Since),
                ["ClockSkew"] = GoDuration.Format(node.Status.ClockSkew),
            },
        };
        if (node.Manager is { } manager)
        {
            json["ManagerStatus"] = new JsonObject
            {
                ["Leader"] = proto.Leader,
                ["Reachability"] = NodeText.ManagerStatus(proto) == "Unreachable" ? "unreachable" : "reachable",
                ["Addr"] = manager.Address,
                ["FeatureLevel"] = manager.FeatureLevel,
            };
        }

        return json;
    }
}
