using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Manager.Certificates;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.UnitTests.Manager.Peers;

/// <summary>The root of a cluster of its own, and certificates of its nodes.</summary>
internal sealed class PeerAuthority : IDisposable
{
    private readonly RootAuthority _root;
    private readonly List<IDisposable> _owned = [];

    public PeerAuthority(ulong clusterId)
    {
        ClusterId = new ClusterId(clusterId);
        _root = RootCertificates.Create(ClusterId, TimeProvider.System.GetUtcNow());
        X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(_root.CertificateDer.AsSpan());
        _owned.Add(certificate);
        Trust = new ClusterTrust(certificate, ClusterId, TimeProvider.System);
    }

    public ClusterId ClusterId { get; }

    public ClusterTrust Trust { get; }

    /// <param name="node">Whose it is.</param>
    /// <param name="role">That it is for.</param>
    /// <param name="ahead">When it was made: now, and so much later. It is good for a day.</param>
    public SslStreamCertificateContext Issue(NodeId node, NodeRole role = NodeRole.Manager, TimeSpan ahead = default)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ImmutableArray<byte> der = RootAuthorityIssuer.Issue(
            _root, new PublicKey(key), new CertificateIdentity(ClusterId, node, role), TimeProvider.System.GetUtcNow() + ahead, TimeSpan.FromDays(1));
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(der.AsSpan());
        X509Certificate2 certificate = bare.CopyWithPrivateKey(key);
        _owned.AddRange([key, certificate]);
        return SslStreamCertificateContext.Create(certificate, null, offline: true);
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned) owned.Dispose();
    }
}
