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

    private const string CommonNameOid = "2.5.4.3";
    private const string OrganizationOid = "2.5.4.10";
    private const string OrganizationalUnitOid = "2.5.4.11";

    public static string UnitOf(NodeRole role) => role == NodeRole.Manager ? ManagerUnit : WorkerUnit;

    public X500DistinguishedName ToSubject()
    {
        X500DistinguishedNameBuilder builder = new();
        builder.AddOrganizationName(ClusterId.ToString());
        builder.AddOrganizationalUnitName(UnitOf(Role));
        builder.AddCommonName(NodeId.ToString());
        return builder.Build();
    }

    /// <summary>Null for a certificate that is not a node's: a part is missing, doubled or malformed.</summary>
    public static CertificateIdentity? TryRead(X509Certificate2 certificate)
    {
        string? organization = null, unit = null, name = null;
        foreach (X500RelativeDistinguishedName part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements) return null;
            switch (part.GetSingleElementType().Value)
            {
                case OrganizationOid when organization is null: organization = part.GetSingleElementValue(); break;
                case OrganizationalUnitOid when unit is null: unit = part.GetSingleElementValue(); break;
                case CommonNameOid when name is null: name = part.GetSingleElementValue(); break;
                default: return null;
            }
        }

        NodeRole? role = unit switch { ManagerUnit => NodeRole.Manager, WorkerUnit => NodeRole.Worker, _ => null };
        return role is not null && ClusterId.TryParse(organization, out ClusterId cluster) && !cluster.IsNone
            && NodeId.TryParse(name, out NodeId node) && !node.IsNone
            ? new CertificateIdentity(cluster, node, role.Value)
            : null;
    }
}
