using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Model.Objects;

namespace Cluster.Cli.Connection;

/// <summary>Reads that several commands share, as model records.</summary>
internal static class DaemonQueries
{
    public static async Task<IReadOnlyList<Node>> ListNodesAsync(this DaemonConnection daemon, CancellationToken ct) =>
        (await daemon.CallAsync(() => daemon.Control.ListNodesAsync(new ListNodesRequest(), daemon.Soon(ct)))).Nodes;

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
