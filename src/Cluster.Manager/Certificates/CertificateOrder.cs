using System.Collections.Immutable;
using Cluster.Control.Certificates;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Manager.Certificates;

/// <summary>
/// Signing may take long, so it is not done within a change: the change is tried on a transaction that is thrown away, which records here what is
/// to be signed; then it is made with what was signed. Where it turns out to be another certificate by then, there is none for it.
/// </summary>
internal sealed class CertificateOrder : ICertificateIssuer
{
    private static readonly ImmutableArray<byte> Placeholder = [0];

    public CertificateIdentity? Identity { get; private set; }

    public ImmutableArray<byte> Issue(ReadOnlySpan<byte> subjectPublicKeyInfoDer, NodeId node, NodeRole role, ClusterId cluster)
    {
        Identity = new CertificateIdentity(cluster, node, role);
        return Placeholder;
    }

    /// <summary>Gives the certificate to the one whom it is for, while the root that issued it still issues.</summary>
    public static ICertificateIssuer Fulfilled(CertificateIdentity identity, RootAuthority issuedBy, ClusterRecord present, ImmutableArray<byte> certificateDer) =>
        new Signed(identity, RootChain.Issuing(present) == issuedBy ? certificateDer : []);

    private sealed class Signed(CertificateIdentity identity, ImmutableArray<byte> certificateDer) : ICertificateIssuer
    {
        public ImmutableArray<byte> Issue(ReadOnlySpan<byte> subjectPublicKeyInfoDer, NodeId node, NodeRole role, ClusterId cluster) =>
            new CertificateIdentity(cluster, node, role) == identity ? certificateDer : [];
    }
}
