using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Model.Certificates;
using Cluster.Model.Tokens;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>Requests to be let in that are wrong, over real TLS: refused with a sentence, and no node is left behind.</summary>
public sealed class JoinRefusalTests : IAsyncLifetime
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private RunningManager _manager = null!;
    private RpcChannel _stranger = null!;

    public async Task InitializeAsync()
    {
        _manager = await RunningManager.StartAsync();
        _stranger = _manager.Connect(null);
    }

    public async Task DisposeAsync()
    {
        await _stranger.DisposeAsync();
        await _manager.DisposeAsync();
        _key.Dispose();
    }

    [Theory]
    [InlineData("nothing", "0 bytes")]
    [InlineData("too long", "a PKCS#10 request of up to 8192 bytes is expected")]
    [InlineData("no request", "not a PKCS#10 request")]
    [InlineData("bytes behind", "bytes follow the PKCS#10 request")]
    [InlineData("RSA", "the key must be ECDSA on P-256")]
    [InlineData("P-384", "the key must be ECDSA on P-256")]
    public async Task Refuses_a_request_that_is_none(string flaw, string sentence)
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(Flawed(flaw), _manager.WorkerToken.Reveal()));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("csr_der", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(sentence, refusal.Status.Detail, StringComparison.Ordinal);

        // Nor is it a person's.
        await using RpcChannel admin = _manager.Connect(_manager.ManagerCertificate);
        refusal = await Assert.ThrowsAsync<RpcException>(async () => await new Cluster.Api.V1.Control.ControlClient(admin)
            .IssueUserCertificateAsync(new IssueUserCertificateRequest { CsrDer = ByteString.CopyFrom(Flawed(flaw)), Name = "ann", Role = Cluster.Api.V1.UserRole.Reader }));
        Assert.Contains(sentence, refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Single(await _manager.NodesAsync());
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("another version")]
    [InlineData("capitals")]
    [InlineData("no digest")]
    public async Task Refuses_a_token_that_is_none(string flaw)
    {
        string token = _manager.WorkerToken.Reveal();
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(RunningManager.Csr(_key), flaw switch
        {
            "cut off" => token[..^1],
            "another version" => token.Replace("SWMTKN-1-", "SWMTKN-2-", StringComparison.Ordinal),
            "capitals" => token.ToUpperInvariant(),
            _ => $"SWMTKN-1-{new string('z', 50)}{token[^26..]}",
        }));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("this is not a join token (SWMTKN-1-", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Single(await _manager.NodesAsync());
    }

    [Fact]
    public async Task Refuses_the_secret_that_is_nobodys()
    {
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(RunningManager.Csr(_key), JoinToken.Create(_manager.Root.RawData, 0).Reveal()));
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
        Assert.Contains("cluster node join-token", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Single(await _manager.NodesAsync());
    }

    [Fact]
    public async Task Refuses_another_role_to_a_node_that_is_in()
    {
        await JoinAsync(RunningManager.Csr(_key), _manager.WorkerToken.Reveal());
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(RunningManager.Csr(_key), _manager.ManagerToken.Reveal()));
        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
        Assert.Contains("already in the cluster as a worker; the token is for a manager", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Single(await _manager.NodesAsync(), node => node.Spec.Role == NodeRole.Worker);
    }

    [Fact]
    public async Task Gives_no_other_name_and_role_than_its_own()
    {
        X500DistinguishedName wish = new CertificateIdentity(_manager.Cluster.Id, _manager.Node.Id, Cluster.Model.States.NodeRole.Manager).ToSubject();
        CertificateRequest request = new(wish, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));

        IssueNodeCertificateResponse issued = await JoinAsync(request.CreateSigningRequest(), _manager.WorkerToken.Reveal());

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(issued.CertificateChainDer[0].Span);
        CertificateIdentity? identity = CertificateIdentity.TryRead(certificate);
        Assert.Equal((issued.NodeId, Cluster.Model.States.NodeRole.Worker), (identity!.NodeId.ToString(), identity.Role));
        Assert.NotEqual(_manager.Node.Id, identity.NodeId);
        Assert.False(Assert.Single(certificate.Extensions.OfType<X509BasicConstraintsExtension>()).CertificateAuthority);
    }

    [Fact]
    public async Task Refuses_a_node_that_says_too_much_of_itself()
    {
        foreach (NodeDescription description in new[] { new NodeDescription { Hostname = new string('x', 40_000) }, new NodeDescription { EngineLabels = { ["notes"] = new string('x', 3 << 20) } } })
        {
            RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(RunningManager.Csr(_key), _manager.WorkerToken.Reveal(), description));
            Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
            Assert.Contains("description is too long", refusal.Status.Detail, StringComparison.Ordinal);
        }

        // Nor when it is in: its row stays what it was.
        IssueNodeCertificateResponse issued = await JoinAsync(RunningManager.Csr(_key), _manager.WorkerToken.Reveal(), new NodeDescription { Hostname = "short" });
        await using RpcChannel channel = _manager.Connect(RunningManager.CertificateOf(issued.CertificateChainDer[0].Span, _key));
        using AsyncDuplexStreamingCall<AgentMessage, ManagerMessage> session = new Dispatcher.DispatcherClient(channel).Session();
        await session.RequestStream.WriteAsync(new AgentMessage { Hello = new Hello { Description = new NodeDescription { Hostname = new string('x', 40_000) } } });
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => session.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Contains("description is too long", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Single(await _manager.NodesAsync(), node => node.Description.Hostname == "short");
    }

    private byte[] Flawed(string flaw)
    {
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using RSA rsa = RSA.Create(2048);
        X500DistinguishedName nobody = new("");
        return flaw switch
        {
            "nothing" => [],
            "too long" => new byte[8193],
            "no request" => [1, 2, 3],
            "bytes behind" => [.. RunningManager.Csr(_key), 0],
            "RSA" => new CertificateRequest(nobody, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(),
            _ => new CertificateRequest(nobody, p384, HashAlgorithmName.SHA256).CreateSigningRequest(),
        };
    }

    private async Task<IssueNodeCertificateResponse> JoinAsync(byte[] csr, string token, NodeDescription? description = null) => await new CertificateAuthority.CertificateAuthorityClient(_stranger)
        .IssueNodeCertificateAsync(new IssueNodeCertificateRequest { CsrDer = ByteString.CopyFrom(csr), Token = token, Description = description });
}
