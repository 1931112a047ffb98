using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Model.Objects;
using Grpc.Core;

namespace Cluster.Cli.Connection;

/// <summary>Reads that several commands share, as model records.</summary>
internal static class DaemonQueries
{
    /// <summary>All, page by page.</summary>
    public static async Task<IReadOnlyList<Node>> ListNodesAsync(this DaemonConnection daemon, CancellationToken ct) => await PagesAsync(
        daemon,
        after => daemon.Control.ListNodesAsync(new ListNodesRequest { AfterNodeId = after }, daemon.Soon(ct)),
        page => (page.Nodes, page.NextAfterNodeId));

    /// <summary>All, page by page, in the order of ids.</summary>
    public static async Task<IReadOnlyList<(Service Service, ServiceCounts Counts)>> ListServicesAsync(this DaemonConnection daemon, CancellationToken ct) => await PagesAsync(
        daemon,
        after => daemon.Control.ListServicesAsync(new ListServicesRequest { AfterServiceId = after }, daemon.Soon(ct)),
        page => (page.Services.Zip(page.Counts), page.NextAfterServiceId));

    public static async Task<GetServiceResponse> GetServiceAsync(this DaemonConnection daemon, string service, CancellationToken ct) =>
        await daemon.CallAsync(() => daemon.Control.GetServiceAsync(new GetServiceRequest { Service = service }, daemon.Soon(ct)));

    /// <summary>Of a service, or of a node; page by page.</summary>
    public static async Task<List<TaskRecord>> ListTasksAsync(this DaemonConnection daemon, string serviceId, string nodeId, CancellationToken ct) => await PagesAsync(
        daemon,
        after => daemon.Control.ListTasksAsync(new ListTasksRequest { ServiceId = serviceId, NodeId = nodeId, AfterTaskId = after }, daemon.Soon(ct)),
        page => (page.Tasks.Select(task => task.ToModel()), page.NextAfterTaskId));

    /// <param name="daemon">That is asked.</param>
    /// <param name="ask">For the page after an id; empty: the first.</param>
    /// <param name="read">What is on a page, and the id that the next one is after; empty: it is the last.</param>
    private static async Task<List<T>> PagesAsync<T, TPage>(DaemonConnection daemon, Func<string, AsyncUnaryCall<TPage>> ask, Func<TPage, (IEnumerable<T> Items, string Next)> read)
    {
        List<T> all = [];
        string after = "";
        do
        {
            string from = after;
            (IEnumerable<T> items, after) = read(await daemon.CallAsync(() => ask(from)));
            all.AddRange(items);
        }
        while (after.Length > 0);
        return all;
    }
}
