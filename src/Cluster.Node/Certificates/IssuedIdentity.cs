using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;

namespace Cluster.Node.Certificates;

/// <summary>What the authority gave this node, checked: a certificate that the root vouches for, for this key, and where the managers are.</summary>
internal sealed record IssuedIdentity(CertificateIdentity Identity, ImmutableArray<ImmutableArray<byte>> CertificateChainDer, ImmutableArray<string> Managers, ulong Incarnation)
{
    public static Result<IssuedIdentity> Read(IssueNodeCertificateResponse answer, X509Certificate2 root, ECDsa key, TimeProvider timeProvider)
    {
        if (!ClusterId.TryParse(answer.ClusterId, out ClusterId cluster) || !NodeId.TryParse(answer.NodeId, out NodeId node) || answer.CertificateChainDer.Count == 0)
        {
            return Refusal.FailedPrecondition("the manager's answer names no cluster, node or certificate: its version does not fit this one");
        }

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(answer.CertificateChainDer[0].Span);
        X509Certificate2Collection intermediates = [.. answer.CertificateChainDer.Skip(1).Select(der => X509CertificateLoader.LoadCertificate(der.Span))];
        CertificateIdentity? identity = new ClusterTrust(root, cluster, timeProvider).Verify(certificate, intermediates, out string refusal);
        if (identity is null) return Refusal.FailedPrecondition($"the manager issued a certificate that is not good here: {refusal}; check both machines' clocks");
        using ECDsa? issuedFor = certificate.GetECDsaPublicKey();
        if (identity.NodeId != node || issuedFor is null || !issuedFor.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
        {
            return Refusal.FailedPrecondition("the manager issued a certificate for another node or key");
        }

        return new IssuedIdentity(identity, [.. answer.CertificateChainDer.Select(der => ImmutableArray.Create(der.Span))], [.. answer.Managers], answer.Incarnation);
    }
}
