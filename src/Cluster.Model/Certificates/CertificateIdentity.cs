using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Model.Certificates;

/// <summary>
/// Who a node certificate speaks for. As in Swarm, the subject carries it: CN is the node id, OU the role, O the cluster id.
/// Reading proves nothing: the chain is checked by <see cref="ClusterTrust"/>.
/// </summary>
public sealed record CertificateIdentity(ClusterId ClusterId, NodeId NodeId, NodeRole Role)
{
    public const string ManagerUnit = "cluster-manager";
    public const string WorkerUnit = "cluster-worker";

    public static string UnitOf(NodeRole role) => role == NodeRole.Manager ? ManagerUnit : WorkerUnit;

    public X500DistinguishedName ToSubject() => CertificateSubject.Of(ClusterId, UnitOf(Role), NodeId.ToString());

    /// <summary>Null for a certificate that is not a node's: a part is missing, doubled or malformed.</summary>
    public static CertificateIdentity? TryRead(X509Certificate2 certificate)
    {
        if (CertificateSubject.TryRead(certificate) is not { } subject) return null;
        NodeRole? role = subject.Unit switch { ManagerUnit => NodeRole.Manager, WorkerUnit => NodeRole.Worker, _ => null };
        return role is not null && NodeId.TryParse(subject.Name, out NodeId node) && !node.IsNone ? new CertificateIdentity(subject.ClusterId, node, role.Value) : null;
    }
}
