using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Manager.Certificates;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Benchmarks.Quorum;

/// <summary>A cluster's root and the certificates under it, as files that the processes of a group read: three managers, and one for etcd.</summary>
internal sealed class GroupIdentity
{
    public static readonly ClusterId ClusterId = new(1);

    private const string RootFile = "root.pem";

    private GroupIdentity(string directory)
    {
        Directory = directory;
        Root = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(directory, RootFile));
        Trust = new ClusterTrust(Root, ClusterId, TimeProvider.System);
    }

    public string Directory { get; }

    public X509Certificate2 Root { get; }

    public ClusterTrust Trust { get; }

    public string RootPath => Path.Combine(Directory, RootFile);

    public string CertificatePath(string name) => Path.Combine(Directory, name + ".pem");

    public string KeyPath(string name) => Path.Combine(Directory, name + ".key");

    public SslStreamCertificateContext ContextOf(string name)
    {
        using X509Certificate2 read = X509Certificate2.CreateFromPemFile(CertificatePath(name), KeyPath(name));
        return SslStreamCertificateContext.Create(X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pfx), null), null, offline: true);
    }

    public static GroupIdentity Open(string directory) => new(directory);

    public static GroupIdentity Create(string directory, int members)
    {
        System.IO.Directory.CreateDirectory(directory);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        RootAuthority root = RootCertificates.Create(ClusterId, now);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(root.CertificateDer.AsSpan());
        File.WriteAllText(Path.Combine(directory, RootFile), certificate.ExportCertificatePem());
        GroupIdentity identity = new(directory);
        for (int i = 1; i <= members; i++)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateIdentity of = new(ClusterId, new NodeId((UInt128)i), NodeRole.Manager);
            identity.Write(MemberName(i), RootAuthorityIssuer.Issue(root, new PublicKey(key), of, now, TimeSpan.FromDays(1)).AsSpan(), key);
        }

        identity.WriteForEtcd(root, now);
        return identity;
    }

    public static string MemberName(int id) => string.Create(CultureInfo.InvariantCulture, $"m{id}");

    private void Write(string name, ReadOnlySpan<byte> der, ECDsa key)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
        File.WriteAllText(CertificatePath(name), certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath(name), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>etcd checks that a certificate names the address.</summary>
    private void WriteForEtcd(RootAuthority root, DateTimeOffset now)
    {
        using ECDsa rootKey = ECDsa.Create();
        rootKey.ImportPkcs8PrivateKey(root.KeyPkcs8.AsSpan(), out _);
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(root.CertificateDer.AsSpan());
        using X509Certificate2 authority = bare.CopyWithPrivateKey(rootKey);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=etcd", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using X509Certificate2 certificate = request.Create(authority, now.AddMinutes(-30), now.AddDays(1), RandomNumberGenerator.GetBytes(12));
        Write("etcd", certificate.RawData, key);
    }
}
