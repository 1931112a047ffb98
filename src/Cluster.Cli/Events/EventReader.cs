using System.Globalization;
using Cluster.Api.V1;
using Cluster.Cli.Connection;
using Cluster.Model.Ids;
using Cluster.Model.Naming;
using Cluster.Model.Time;

namespace Cluster.Cli.Events;

/// <summary>Tells changes as events: what an object is called, and the values that people look for, before and after. Keeps the names of nodes and services that it saw.</summary>
internal sealed class EventReader
{
    private readonly Dictionary<string, string> _hosts = [];
    private readonly Dictionary<string, string> _services = [];

    public static async Task<EventReader> CreateAsync(DaemonConnection daemon, CancellationToken ct)
    {
        EventReader reader = new();
        foreach (Node node in await daemon.ListNodesAsync(ct)) reader._hosts[node.Id] = node.Description?.Hostname ?? "";
        foreach ((Service service, _) in await daemon.ListServicesAsync(ct)) reader._services[service.Id] = service.Spec.Name;
        return reader;
    }

    public IEnumerable<ClusterEvent> Read(WatchBatch batch)
    {
        foreach (WatchEvent change in batch.Events)
        {
            EventAttributes attributes = new();
            (string type, string id) = Describe(change, attributes);
            string action = change.Deleted ? "remove" : change.PreviousCase == WatchEvent.PreviousOneofCase.None ? "create" : "update";
            yield return new ClusterEvent(new ClusterTime(batch.ClusterTimeTicks), batch.Version, type, action, id, attributes.Items) { By = batch.Actor };
        }
    }

    private (string Type, string Id) Describe(WatchEvent change, EventAttributes attributes)
    {
        switch (change.ObjectCase)
        {
            case WatchEvent.ObjectOneofCase.Node:
                Describe(change.Node, change.PreviousNode, attributes);
                return ("node", change.Node.Id);
            case WatchEvent.ObjectOneofCase.Service:
                Describe(change.Service, change.PreviousService, attributes);
                return ("service", change.Service.Id);
            case WatchEvent.ObjectOneofCase.Task:
                Describe(change.Task, change.PreviousTask, attributes);
                return ("task", change.Task.Id);
            default:
                Describe(change.Cluster, change.PreviousCluster, attributes);
                return ("cluster", change.Cluster?.Id ?? "");
        }
    }

    private void Describe(Node node, Node? before, EventAttributes attributes)
    {
        if (node.Description?.Hostname is { Length: > 0 } host) _hosts[node.Id] = host;
        attributes.Add("name", Host(node.Id));
        attributes.Changed("state", before?.Status?.State.ToString(), node.Status?.State.ToString());
        attributes.Changed("availability", before?.Spec.Availability.ToString(), node.Spec.Availability.ToString());
        attributes.Changed("role", before?.Spec.Role.ToString(), node.Spec.Role.ToString());
        attributes.Changed("address", before?.Status?.Address, node.Status?.Address);
        attributes.ChangedMap("label", before?.Spec.Labels, node.Spec.Labels);
        attributes.Changed("clockSkew", Period(before?.Status?.ClockSkewTicks), Period(node.Status?.ClockSkewTicks));
        if (before is not null && !before.Certificate.CertificateDer.Equals(node.Certificate.CertificateDer)) attributes.Add("certificate", "renewed");
    }

    private void Describe(Service service, Service? before, EventAttributes attributes)
    {
        _services[service.Id] = service.Spec.Name;
        attributes.Add("name", service.Spec.Name);
        attributes.Changed("replicas", Replicas(before), Replicas(service));
        attributes.Changed("image", before?.Spec.Container.Image, service.Spec.Container.Image);
        attributes.ChangedMap("label", before?.Spec.Labels, service.Spec.Labels);
        if (service.Removing && before is { Removing: false }) attributes.Add("removing", "true");
    }

    private void Describe(Api.V1.Task task, Api.V1.Task? before, EventAttributes attributes)
    {
        if (TaskId.TryParse(task.Id, out TaskId id) && NodeId.TryParse(task.NodeId, out NodeId node)) attributes.Add("name", TaskName.Of(_services.GetValueOrDefault(task.ServiceId, task.ServiceId), task.Slot, node, id));
        if (task.NodeId.Length > 0) attributes.Add("node", Host(task.NodeId));
        attributes.Changed("state", before?.Status?.State.ToString(), task.Status?.State.ToString());
        attributes.Changed("desired", before?.DesiredState.ToString(), task.DesiredState.ToString());
        if (task.Status is not { } status || status.State == before?.Status?.State) return;
        if (status.Error.Length > 0) attributes.Add("error", status.Error);
        if (status.HasExitCode) attributes.Add("exitCode", status.ExitCode.ToString(CultureInfo.InvariantCulture));
    }

    private static void Describe(ClusterInfo? cluster, ClusterInfo? before, EventAttributes attributes)
    {
        if (cluster is null) return;
        attributes.Changed("featureLevel", Number(before?.FeatureLevel), Number(cluster.FeatureLevel));
        attributes.Changed("taskHistoryLimit", Number(before?.Spec.TaskHistoryLimit), Number(cluster.Spec.TaskHistoryLimit));
        attributes.Changed("heartbeat", Period(before?.Spec.HeartbeatPeriodTicks), Period(cluster.Spec.HeartbeatPeriodTicks));
        attributes.Changed("certExpiry", Period(before?.Spec.CertificateExpiryTicks), Period(cluster.Spec.CertificateExpiryTicks));
        if (before is not null && !before.RootCertificateDer.Equals(cluster.RootCertificateDer)) attributes.Add("root", "replaced");
    }

    private string Host(string node) => _hosts.GetValueOrDefault(node, "") is { Length: > 0 } host ? host : node;

    private static string? Replicas(Service? service) => service is { Spec.HasReplicas: true } ? Number(service.Spec.Replicas) : null;

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Period(long? ticks) => ticks is { } known ? Model.Parsing.GoDuration.Format(new TimeSpan(known)) : null;
}
