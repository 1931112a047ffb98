using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;

namespace Cluster.Node.Certificates;

/// <summary>
/// What the authority gave this node, checked: a certificate that the roots vouch for, for this key, what to believe from now on, and where the
/// managers are.
/// </summary>
internal sealed record IssuedIdentity(CertificateIdentity Identity, ImmutableArray<ImmutableArray<byte>> CertificateChainDer, ImmutableArray<string> Managers, ulong Incarnation)
{
    /// <summary>The root, and the next one while it is exchanged.</summary>
    private const int MaxRoots = 2;

    public required TrustedRoots Roots { get; init; }

    /// <summary>The member of the managers' group that the cluster takes this node for; 0: none; null: the manager is of a version that does not say.</summary>
    public ulong? RaftMemberId { get; init; }

    public static Result<IssuedIdentity> Read(IssueNodeCertificateResponse answer, TrustedRoots present, ECDsa key, TimeProvider timeProvider)
    {
        bool isWhole = ClusterId.TryParse(answer.ClusterId, out ClusterId cluster) & NodeId.TryParse(answer.NodeId, out NodeId node);
        if (!isWhole || answer.CertificateChainDer.Count == 0 || answer.RootCertificateDer.Count > MaxRoots)
        {
            return Refusal.FailedPrecondition("the manager's answer names no cluster, node or certificate: its version does not fit this one");
        }

        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(answer.CertificateChainDer[0].Span);
            X509Certificate2Collection intermediates = [.. answer.CertificateChainDer.Skip(1).Select(der => X509CertificateLoader.LoadCertificate(der.Span))];
            TrustedRoots roots = answer.RootCertificateDer.Count == 0
                ? present
                : new TrustedRoots(answer.RootCertificateDer.Select(der => ImmutableArray.Create(der.Span)), [], answer.RootGeneration);

            // The roots that were believed lead to the new ones; nothing is believed that they do not vouch for.
            CertificateIdentity? identity = new ClusterTrust(present, cluster, timeProvider).Verify(certificate, intermediates, out string refusal);
            if (identity is not null) identity = new ClusterTrust(roots, cluster, timeProvider).Verify(certificate, intermediates, out refusal);
            if (identity is null) return Refusal.FailedPrecondition($"the manager issued a certificate that is not good here: {refusal}; check both machines' clocks");
            using ECDsa? issuedFor = certificate.GetECDsaPublicKey();
            if (identity.NodeId != node || issuedFor is null || !issuedFor.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
            {
                return Refusal.FailedPrecondition("the manager issued a certificate for another node or key");
            }

            return new IssuedIdentity(identity, [.. answer.CertificateChainDer.Select(der => ImmutableArray.Create(der.Span))], [.. answer.Managers], answer.Incarnation)
            {
                Roots = roots,
                RaftMemberId = answer.RootCertificateDer.Count == 0 ? null : answer.RaftMemberId,
            };
        }
        catch (CryptographicException e)
        {
            return Refusal.FailedPrecondition($"the manager's answer cannot be read: {e.Message}");
        }
    }
}
