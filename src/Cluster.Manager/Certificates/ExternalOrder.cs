using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;

namespace Cluster.Manager.Certificates;

/// <summary>What an external authority is asked for, as CFSSL's signing endpoint takes it, and whether what it gives is that.</summary>
internal sealed class ExternalOrder
{
    private const string CertificateLabel = "CERTIFICATE";

    private static readonly TimeSpan MinLeft = TimeSpan.FromMinutes(5);

    private readonly ClusterRecord _cluster;
    private readonly SigningRequest _request;
    private readonly CertificateIdentity? _node;
    private readonly UserIdentity? _user;
    private readonly string _unit;
    private readonly string _name;

    public ExternalOrder(ClusterRecord cluster, SigningRequest request, CertificateIdentity node)
    {
        (_cluster, _request, _node) = (cluster, request, node);
        (_unit, _name) = (CertificateIdentity.UnitOf(node.Role), node.NodeId.ToString());
    }

    public ExternalOrder(ClusterRecord cluster, SigningRequest request, UserIdentity user)
    {
        (_cluster, _request, _user) = (cluster, request, user);
        (_unit, _name) = (UserIdentity.UnitOf(user.Role), user.Name);
    }

    public ClusterRecord Cluster => _cluster;

    /// <summary>The request's own subject is not the one that counts, so the server is told which does.</summary>
    public JsonObject ToJson()
    {
        JsonObject order = new()
        {
            ["certificate_request"] = PemEncoding.WriteString("CERTIFICATE REQUEST", _request.Der.AsSpan()),
            ["subject"] = new JsonObject { ["CN"] = _name, ["names"] = new JsonArray(new JsonObject { ["O"] = _cluster.Id.ToString(), ["OU"] = _unit }) },
        };
        if (_node is not null) order["hosts"] = new JsonArray(_unit, _name);
        return order;
    }

    /// <summary>The certificate, or what is wrong with the answer.</summary>
    public (ImmutableArray<byte> CertificateDer, string Problem) Take(string pem, TimeProvider timeProvider)
    {
        if (!PemEncoding.TryFind(pem, out PemFields fields) || pem[fields.Label] != CertificateLabel) return ([], "its answer holds no certificate");
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(pem[fields.Base64Data]));
            string problem = Check(certificate, timeProvider);
            return problem.Length == 0 ? ([.. certificate.RawData], "") : ([], problem);
        }
        catch (CryptographicException e)
        {
            return ([], $"its certificate cannot be read ({e.Message})");
        }
    }

    private string Check(X509Certificate2 certificate, TimeProvider timeProvider)
    {
        if (!PublicKeys.AreSame(certificate.PublicKey, _request.PublicKey)) return "it signed another key than it was asked to";
        bool isNamed = _node is not null ? CertificateIdentity.TryRead(certificate) == _node : UserIdentity.TryRead(certificate) == _user;
        if (!isNamed) return $"it issued a certificate for '{certificate.Subject}' and was asked for '{_name}' ({_unit}) of cluster {_cluster.Id}";
        if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority)) return "it issued the certificate of an authority";
        if (certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } usage && !MayBeUsed(usage)) return "its certificate is not for clients and servers of TLS";
        if (certificate.NotAfter.ToUniversalTime() < (timeProvider.GetUtcNow() + MinLeft).UtcDateTime) return $"its certificate ends at {certificate.NotAfter.ToUniversalTime():u}";
        using X509Certificate2 root = X509CertificateLoader.LoadCertificate(RootChain.Issuing(_cluster).CertificateDer.AsSpan());
        TrustedRoots roots = new(root);
        return new ClusterTrust(roots, _cluster.Id, timeProvider).Judge(certificate, [], roots, out string refusal) == CertificateStanding.Direct ? "" : refusal;
    }

    private bool MayBeUsed(X509EnhancedKeyUsageExtension usage)
    {
        string[] uses = [.. usage.EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value ?? "")];
        return uses.Contains(RootAuthorityIssuer.ClientUsage, StringComparer.Ordinal) && (_node is null || uses.Contains(RootAuthorityIssuer.ServerUsage, StringComparer.Ordinal));
    }
}
