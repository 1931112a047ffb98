using System.Text.Json.Nodes;
using Cluster.Cli.Output;
using Cluster.Model.Specs;

namespace Cluster.Cli.Services;

/// <summary>What a task is made from, in the shape of Docker's TaskSpec; what is not set is left out.</summary>
internal static class TemplateJson
{
    private const long NanosecondsPerTick = 100;

    public static JsonObject Of(ContainerSpec container, ResourceRequirements resources, NetworkMode network, LogDriver? logDriver, long forceUpdate)
    {
        JsonObject json = new()
        {
            ["ContainerSpec"] = Container(container),
            ["Resources"] = new JsonObject { ["Limits"] = Amount(resources.Limits, resources.PidsLimit), ["Reservations"] = Amount(resources.Reservations, 0) },
            ["Networks"] = new JsonArray(new JsonObject { ["Target"] = network.ToString().ToLowerInvariant() }),
            ["ForceUpdate"] = forceUpdate,
        };
        if (logDriver is not null) json["LogDriver"] = new JsonObject { ["Name"] = logDriver.Name, ["Options"] = JsonText.Of(logDriver.Options.Items) };
        return json;
    }

    public static JsonNode Nanoseconds(TimeSpan duration) =>
        duration.Ticks > long.MaxValue / NanosecondsPerTick ? long.MaxValue : duration.Ticks * NanosecondsPerTick;

    private static JsonObject Container(ContainerSpec container)
    {
        JsonObject json = new() { ["Image"] = container.Image };
        Map(json, "Labels", container.Labels);
        List(json, "Command", container.Command);
        List(json, "Args", container.Args);
        Text(json, "Hostname", container.Hostname);
        List(json, "Env", container.Env);
        Text(json, "Dir", container.WorkingDirectory);
        Text(json, "User", container.User);
        List(json, "Groups", container.Groups);
        if (container.Init is { } init) json["Init"] = init;
        if (container.Tty) json["TTY"] = true;
        if (container.ReadOnlyRoot) json["ReadOnly"] = true;
        if (!container.Mounts.IsEmpty) json["Mounts"] = new JsonArray([.. container.Mounts.Select(MountOf)]);
        Text(json, "StopSignal", container.StopSignal);
        if (container.StopGracePeriod is { } grace) json["StopGracePeriod"] = Nanoseconds(grace);
        List(json, "Hosts", container.Hosts);
        Dns(json, container.Dns);
        Map(json, "Sysctls", container.Sysctls);
        List(json, "CapabilityAdd", container.CapabilityAdd);
        List(json, "CapabilityDrop", container.CapabilityDrop);
        if (!container.Ulimits.IsEmpty)
            json["Ulimits"] = new JsonArray([.. container.Ulimits.Select(u => new JsonObject { ["Name"] = u.Name, ["Soft"] = u.Soft, ["Hard"] = u.Hard })]);
        if (container.OomScoreAdj != 0) json["OomScoreAdj"] = container.OomScoreAdj;
        return json;
    }

    private static void Dns(JsonObject json, DnsSpec dns)
    {
        JsonObject config = [];
        List(config, "Nameservers", dns.Servers);
        List(config, "Search", dns.Search);
        List(config, "Options", dns.Options);
        if (config.Count > 0) json["DNSConfig"] = config;
    }

    private static JsonNode MountOf(Mount mount)
    {
        JsonObject json = new() { ["Type"] = mount.Type.ToString().ToLowerInvariant() };
        Text(json, "Source", mount.Source);
        json["Target"] = mount.Target;
        if (mount.ReadOnly) json["ReadOnly"] = true;
        if (mount.Propagation is not null) json["BindOptions"] = new JsonObject { ["Propagation"] = mount.Propagation };
        if (mount.NoCopy) json["VolumeOptions"] = new JsonObject { ["NoCopy"] = true };
        if (mount.TmpfsSizeBytes > 0 || mount.TmpfsMode is not null)
            json["TmpfsOptions"] = new JsonObject { ["SizeBytes"] = mount.TmpfsSizeBytes, ["Mode"] = mount.TmpfsMode ?? 0x3FF };
        return json;
    }

    private static JsonObject Amount(Resources amount, long pids)
    {
        JsonObject json = [];
        if (amount.NanoCpus > 0) json["NanoCPUs"] = amount.NanoCpus;
        if (amount.MemoryBytes > 0) json["MemoryBytes"] = amount.MemoryBytes;
        if (pids > 0) json["Pids"] = pids;
        return json;
    }

    private static void Text(JsonObject json, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text)) json[name] = text;
    }

    private static void List(JsonObject json, string name, ValueList<string> list)
    {
        if (!list.IsEmpty) json[name] = JsonText.Of(list);
    }

    private static void Map(JsonObject json, string name, Labels labels)
    {
        if (labels.Items.Count > 0) json[name] = JsonText.Of(labels.Items);
    }
}
