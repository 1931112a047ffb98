using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Node.Certificates;
using Cluster.Rpc;
using Google.Protobuf;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager.Certificates;

/// <summary>A node of a <see cref="RotatedCluster"/>: its key, what it shows and what it believes. Takes answers as nodes do, or not at all.</summary>
internal sealed class RotatedNode(RotatedCluster cluster, ECDsa key, TrustedRoots roots)
{
    public string Id { get; private set; } = "";

    public ECDsa Key => key;

    public TrustedRoots Roots { get; private set; } = roots;

    public SslStreamCertificateContext? Certificate { get; private set; }

    public RpcChannel Connect() => cluster.Manager.Connect(Certificate, new ClusterTrust(Roots, cluster.Manager.Cluster.Id, TimeProvider.System));

    /// <summary>Asks with its present certificate, and takes what it gets.</summary>
    public Task RenewAsync() => TakeAsync(key, token: "");

    /// <param name="other">In the request; null: its own.</param>
    /// <param name="token">To join with.</param>
    public async Task TakeAsync(ECDsa? other, string token)
    {
        await using RpcChannel channel = Connect();
        IssueNodeCertificateResponse answer = await new CertificateAuthority.CertificateAuthorityClient(channel).IssueNodeCertificateAsync(
            new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(RunningManager.Csr(other ?? key)), Token = token });
        Result<IssuedIdentity> issued = IssuedIdentity.Read(answer, Roots, other ?? key, TimeProvider.System);
        Assert.True(issued.IsOk, issued.Refusal?.Message);
        (Id, Roots) = (answer.NodeId, issued.Value.Roots);
        X509Certificate2Collection chain = [.. answer.CertificateChainDer.Skip(1).Select(der => X509CertificateLoader.LoadCertificate(der.Span))];
        Certificate = SslStreamCertificateContext.Create(RunningManager.CertificateOf(answer.CertificateChainDer[0].Span, key), chain, offline: true);
    }
}
