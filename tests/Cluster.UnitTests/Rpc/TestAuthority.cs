using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.UnitTests.Rpc;

/// <summary>A certificate authority for one test, with an intermediate where asked for.</summary>
internal sealed class TestAuthority
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset NotBefore = TimeProvider.System.GetUtcNow().AddHours(-1);
    private static readonly DateTimeOffset NotAfter = NotBefore.AddDays(2);

    private readonly X509Certificate2 _issuer;
    private readonly TestAuthority? _parent;

    public TestAuthority(string name = "test root", TestAuthority? parent = null)
    {
        _parent = parent;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _issuer = parent is null ? request.CreateSelfSigned(NotBefore, NotAfter) : parent.Sign(request, key);
    }

    public X509Certificate2Collection Roots => [_parent?._issuer ?? _issuer];

    public string RootPem => Roots[0].ExportCertificatePem();

    public X509Certificate2 IssueServer(string name) => Issue(name, ServerAuthentication);

    public X509Certificate2 IssueClient(string name) => Issue(name, ClientAuthentication);

    public SslStreamCertificateContext Context(X509Certificate2 certificate) =>
        SslStreamCertificateContext.Create(certificate, _parent is null ? null : [_issuer], offline: true);

    private X509Certificate2 Issue(string name, string usage)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        return Sign(request, key);
    }

    private X509Certificate2 Sign(CertificateRequest request, ECDsa key)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_issuer, true, false));
        using X509Certificate2 certificate = request.Create(_issuer, NotBefore, NotAfter.AddHours(-1), RandomNumberGenerator.GetBytes(12));
        return certificate.CopyWithPrivateKey(key);
    }
}
