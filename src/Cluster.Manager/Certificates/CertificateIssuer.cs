using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Cluster.Control.Certificates;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Manager.Certificates;

/// <summary>Signs with the root of one committed state. Certificates go by the wall clock.</summary>
internal sealed class CertificateIssuer(ClusterRecord cluster, TimeProvider timeProvider) : ICertificateIssuer
{
    public ImmutableArray<byte> Issue(ReadOnlySpan<byte> subjectPublicKeyInfoDer, NodeId node, NodeRole role, ClusterId clusterId) => RootAuthorityIssuer.Issue(
        cluster.Root,
        PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfoDer, out _),
        new CertificateIdentity(clusterId, node, role),
        timeProvider.GetUtcNow(),
        cluster.Spec.CertificateExpiry);
}
