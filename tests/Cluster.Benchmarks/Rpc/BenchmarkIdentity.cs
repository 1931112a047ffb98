using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Benchmarks.Rpc;

/// <summary>A root and one certificate under it that serves both ends.</summary>
internal sealed class BenchmarkIdentity
{
    private BenchmarkIdentity(X509Certificate2 root, X509Certificate2 certificate)
    {
        Roots = [root];
        Context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    public X509Certificate2Collection Roots { get; }

    public SslStreamCertificateContext Context { get; }

    public static BenchmarkIdentity Create(TimeProvider timeProvider)
    {
        DateTimeOffset from = timeProvider.GetUtcNow().AddHours(-1);
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=benchmark root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        X509Certificate2 root = rootRequest.CreateSelfSigned(from, from.AddDays(2));

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=benchmark", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using X509Certificate2 certificate = request.Create(root, from, from.AddDays(1), RandomNumberGenerator.GetBytes(12));
        return new BenchmarkIdentity(root, certificate.CopyWithPrivateKey(key));
    }
}
