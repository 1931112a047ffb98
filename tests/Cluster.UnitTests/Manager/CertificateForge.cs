using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Manager.Certificates;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.UnitTests.Manager;

/// <summary>Certificates that a cluster's authority would not give: each is right but for one thing. The root's key is the cluster's own.</summary>
internal sealed class CertificateForge(RunningManager manager) : IDisposable
{
    private readonly ECDsa _key = manager.ManagerCertificate.GetECDsaPrivateKey()!;
    private readonly ECDsa _other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private CertificateIdentity Manager => new(manager.Cluster.Id, manager.Node.Id, NodeRole.Manager);

    public X509Certificate2 Make(string flaw) => flaw switch
    {
        "ended" => Node(Manager, _key, Now.AddDays(-10)),
        "not begun" => Node(Manager, _key, Now.AddDays(10)),
        "another key" => Node(Manager, _other, Now),
        "worker" => Node(Manager with { Role = NodeRole.Worker }, _key, Now),
        "no such node" => Node(Manager with { NodeId = new NodeId(4711) }, _key, Now),
        "another cluster" => Node(Manager with { ClusterId = new ClusterId(4711) }, _key, Now),
        "nobody's name" => Sign(new X500DistinguishedName("CN=root"), _key),
        "self-made" => SelfMade(Manager.ToSubject()),
        "self-made root" => Node(Manager, _key, Now, RootCertificates.Create(manager.Cluster.Id, Now)),
        "root" => RunningManager.CertificateOf(manager.Cluster.Root.CertificateDer.AsSpan(), RootKey()),
        "person ended" => Person(new UserIdentity(manager.Cluster.Id, "olga", UserRole.Operator), Now.AddDays(-10)),
        "person not begun" => Person(new UserIdentity(manager.Cluster.Id, "olga", UserRole.Operator), Now.AddDays(10)),
        "person of another cluster" => Person(new UserIdentity(new ClusterId(4711), "olga", UserRole.Operator), Now),
        "person self-made" => SelfMade(new UserIdentity(manager.Cluster.Id, "olga", UserRole.Operator).ToSubject()),
        _ => throw new ArgumentException(flaw, nameof(flaw)),
    };

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    private X509Certificate2 Node(CertificateIdentity identity, ECDsa key, DateTimeOffset at, RootAuthority? root = null) =>
        RunningManager.CertificateOf(RootAuthorityIssuer.Issue(root ?? manager.Cluster.Root, new PublicKey(key), identity, at, TimeSpan.FromDays(1)).AsSpan(), key);

    private X509Certificate2 Person(UserIdentity identity, DateTimeOffset at) =>
        RunningManager.CertificateOf(RootAuthorityIssuer.Issue(manager.Cluster.Root, new PublicKey(_other), identity, at, TimeSpan.FromDays(1)).AsSpan(), _other);

    private X509Certificate2 Sign(X500DistinguishedName subject, ECDsa key)
    {
        CertificateRequest request = new(subject, new PublicKey(key), HashAlgorithmName.SHA256);
        return RunningManager.CertificateOf(RootAuthorityIssuer.Sign(manager.Cluster.Root, request, Now.AddHours(-1), Now.AddDays(1)).AsSpan(), key);
    }

    private X509Certificate2 SelfMade(X500DistinguishedName subject) => new CertificateRequest(subject, _key, HashAlgorithmName.SHA256).CreateSelfSigned(Now.AddHours(-1), Now.AddDays(1));

    private ECDsa RootKey()
    {
        ECDsa key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(manager.Cluster.Root.KeyPkcs8.AsSpan(), out _);
        return key;
    }
}
