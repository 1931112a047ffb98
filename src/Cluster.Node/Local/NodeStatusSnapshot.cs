using Cluster.Api.V1;
using Cluster.Model.Time;
using Cluster.Node.Lifecycle;

namespace Cluster.Node.Local;

internal sealed record NodeStatusSnapshot(LifecycleStatus Status, string? ConnectedManager)
{
    public GetNodeStatusResponse ToResponse(string version)
    {
        GetNodeStatusResponse response = new()
        {
            State = Status.State switch
            {
                LifecycleState.Starting => LocalNodeState.Starting,
                LifecycleState.Active => LocalNodeState.Active,
                LifecycleState.Error => LocalNodeState.Error,
                LifecycleState.Locked => LocalNodeState.Locked,
                _ => LocalNodeState.Inactive,
            },
            Error = Status.Error,
            DaemonVersion = version,
            ConnectedManager = ConnectedManager ?? "",
        };
        if (Status.NodeId.IsNone) return response;
        response.NodeId = Status.NodeId.ToString();
        response.ClusterId = Status.ClusterId.ToString();
        response.Role = Status.Role == Model.States.NodeRole.Manager ? NodeRole.Manager : NodeRole.Worker;
        response.Managers.Add(Status.Managers);
        if (Status.CertificateNotAfterUtc != default) response.CertificateNotAfterTicks = new ClusterTime(Status.CertificateNotAfterUtc.Ticks).Ticks;
        return response;
    }
}
