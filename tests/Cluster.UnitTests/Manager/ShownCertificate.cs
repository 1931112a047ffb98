using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;

namespace Cluster.UnitTests.Manager;

/// <summary>What a test's node shows in handshakes: its certificate, and what leads from there to roots of before.</summary>
internal sealed class ShownCertificate
{
    private volatile SslStreamCertificateContext _context = null!;

    public ShownCertificate(X509Certificate2 certificate, IEnumerable<ByteString> intermediatesDer) => Change(certificate, intermediatesDer);

    public SslStreamCertificateContext Context => _context;

    public void Change(X509Certificate2 certificate, IEnumerable<ByteString> intermediatesDer)
    {
        X509Certificate2Collection intermediates = [.. intermediatesDer.Select(der => X509CertificateLoader.LoadCertificate(der.Span))];
        _context = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
    }
}
