using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Certificates;
using Cluster.Node.Keys;
using Cluster.Rpc;

namespace Cluster.Node.Certificates;

/// <summary>
/// The certificate that this node shows and the root that it believes, for every connection that its roles make or take. A new
/// certificate takes effect with the next connection. Thread-safe.
/// </summary>
internal sealed class NodeCredentials
{
    private volatile Current _current;

    public NodeCredentials(NodeKeys keys, TimeProvider timeProvider)
    {
        _current = Load(keys);
        Trust = new ClusterTrust(RootsOf(keys), keys.ClusterId, timeProvider);
        ClientTls = new RpcClientTls
        {
            Certificate = () => _current.Context,
            ValidateServer = (_, certificate, chain, _) => Trust.IsManager(certificate, chain),
        };
    }

    public ClusterTrust Trust { get; }

    /// <summary>Shows this node's certificate and takes only managers of this cluster for an answer.</summary>
    public RpcClientTls ClientTls { get; }

    public SslStreamCertificateContext ServerCertificate => _current.Context;

    public DateTime NotBeforeUtc => _current.Certificate.NotBefore.ToUniversalTime();

    public DateTime NotAfterUtc => _current.Certificate.NotAfter.ToUniversalTime();

    /// <summary>Connections that are open go on with the certificate that they began with.</summary>
    public void Replace(NodeKeys keys)
    {
        Trust.Replace(RootsOf(keys));
        _current = Load(keys);
    }

    private static TrustedRoots RootsOf(NodeKeys keys) => new(keys.RootsDer, [], keys.RootGeneration);

    private static Current Load(NodeKeys keys)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(keys.PrivateKeyPkcs8.AsSpan(), out _);
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(keys.CertificateChainDer[0].AsSpan());
        X509Certificate2 certificate = leaf.CopyWithPrivateKey(key);
        X509Certificate2Collection intermediates = [];
        foreach (var der in keys.CertificateChainDer.Skip(1)) intermediates.Add(X509CertificateLoader.LoadCertificate(der.AsSpan()));
        return new Current(certificate, SslStreamCertificateContext.Create(certificate, intermediates, offline: true));
    }

    private sealed record Current(X509Certificate2 Certificate, SslStreamCertificateContext Context);
}
