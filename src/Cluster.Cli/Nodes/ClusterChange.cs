using Cluster.Api.V1;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary>Changes the cluster's settings, also while others change them.</summary>
internal static class ClusterChange
{
    /// <param name="daemon">Of any manager.</param>
    /// <param name="change">Done to the newest settings.</param>
    /// <param name="ct">Gives up.</param>
    public static Task ApplyAsync(DaemonConnection daemon, Action<ClusterSpec> change, CancellationToken ct) => NewestVersion.ChangeAsync(async () =>
    {
        ClusterInfo cluster = (await daemon.CallAsync(() => daemon.Control.GetClusterAsync(new GetClusterRequest(), daemon.Soon(ct)))).Cluster;
        change(cluster.Spec);
        UpdateClusterRequest request = new() { Version = cluster.Meta.Version, Spec = cluster.Spec };
        return await daemon.ChangeAsync(id => daemon.Control.UpdateClusterAsync(new UpdateClusterRequest(request) { RequestId = id }, daemon.Soon(ct)), ct);
    });
}
