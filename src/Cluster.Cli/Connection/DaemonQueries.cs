using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Model.Objects;

namespace Cluster.Cli.Connection;

/// <summary>Reads that several commands share, as model records.</summary>
internal static class DaemonQueries
{
    /// <summary>All, page by page.</summary>
    public static async Task<IReadOnlyList<Node>> ListNodesAsync(this DaemonConnection daemon, CancellationToken ct)
    {
        List<Node> nodes = [];
        ListNodesRequest request = new();
        do
        {
            ListNodesResponse page = await daemon.CallAsync(() => daemon.Control.ListNodesAsync(request, daemon.Soon(ct)));
            nodes.AddRange(page.Nodes);
            request = new ListNodesRequest { AfterNodeId = page.NextAfterNodeId };
        }
        while (request.AfterNodeId.Length > 0);
        return nodes;
    }

    /// <summary>All, page by page, in the order of ids.</summary>
    public static async Task<IReadOnlyList<(Service Service, ServiceCounts Counts)>> ListServicesAsync(this DaemonConnection daemon, CancellationToken ct)
    {
        List<(Service, ServiceCounts)> services = [];
        ListServicesRequest request = new();
        do
        {
            ListServicesResponse page = await daemon.CallAsync(() => daemon.Control.ListServicesAsync(request, daemon.Soon(ct)));
            services.AddRange(page.Services.Zip(page.Counts));
            request = new ListServicesRequest { AfterServiceId = page.NextAfterServiceId };
        }
        while (request.AfterServiceId.Length > 0);
        return services;
    }

    public static async Task<GetServiceResponse> GetServiceAsync(this DaemonConnection daemon, string service, CancellationToken ct) =>
        await daemon.CallAsync(() => daemon.Control.GetServiceAsync(new GetServiceRequest { Service = service }, daemon.Soon(ct)));

    /// <summary>Of a service, or of a node; page by page.</summary>
    public static async Task<List<TaskRecord>> ListTasksAsync(this DaemonConnection daemon, string serviceId, string nodeId, CancellationToken ct)
    {
        List<TaskRecord> tasks = [];
        string after = "";
        do
        {
            ListTasksRequest request = new() { ServiceId = serviceId, NodeId = nodeId, AfterTaskId = after };
            ListTasksResponse page = await daemon.CallAsync(() => daemon.Control.ListTasksAsync(request, daemon.Soon(ct)));
            tasks.AddRange(page.Tasks.Select(task => task.ToModel()));
            after = page.NextAfterTaskId;
        }
        while (after.Length > 0);
        return tasks;
    }
}
