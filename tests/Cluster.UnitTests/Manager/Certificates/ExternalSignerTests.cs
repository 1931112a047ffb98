using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Manager.Certificates;
using Cluster.Manager.Hosting;
using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Xunit;

namespace Cluster.UnitTests.Manager.Certificates;

/// <summary>What an external authority gives is checked, and without it there is no certificate.</summary>
public sealed class ExternalSignerTests : IDisposable
{
    private readonly SigningServer _server = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CertificateIdentity _identity = new(new ClusterId(7), new NodeId(5), NodeRole.Worker);

    public void Dispose()
    {
        _server.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task Gets_a_nodes_certificate_with_the_subject_that_it_says()
    {
        Result<ImmutableArray<byte>> issued = await SignAsync();
        Assert.True(issued.IsOk, issued.Refusal?.Message);
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(issued.Value.AsSpan());
        Assert.Equal(_identity, CertificateIdentity.TryRead(certificate));
        Assert.Equal(["cluster-worker", _identity.NodeId.ToString()], _server.Order!["hosts"]!.AsArray().Select(host => host!.ToString()));
    }

    [Fact]
    public async Task Gets_a_persons_certificate_too()
    {
        using ExternalSigner external = new(static () => null, TimeProvider.System);
        UserIdentity olga = new(new ClusterId(7), "olga", UserRole.Operator);
        Result<ImmutableArray<byte>> issued = await new CertificateSigner(external, TimeProvider.System).SignAsync(Cluster(), Request(), olga, TimeSpan.FromDays(1), CancellationToken.None);
        Assert.True(issued.IsOk, issued.Refusal?.Message);
        Assert.Equal(olga, UserIdentity.TryRead(X509CertificateLoader.LoadCertificate(issued.Value.AsSpan())));
    }

    [Fact]
    public Task Refuses_another_subject() => RefusesAsync("was asked for", server => server.Subject = "CN=somebody");

    [Fact]
    public Task Refuses_another_key() => RefusesAsync("another key", server => server.OtherKey = new PublicKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    [Fact]
    public Task Refuses_another_root() => RefusesAsync("not issued by this cluster's root", server => server.SignRoot = RootCertificates.Create(new ClusterId(1), TimeProvider.System.GetUtcNow()));

    [Fact]
    public Task Refuses_what_ends_at_once() => RefusesAsync("ends at", server => server.Lifetime = TimeSpan.FromMinutes(1));

    [Fact]
    public Task Refuses_an_authoritys_certificate() => RefusesAsync(
        "of an authority", server => server.Spoil = request => request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true)));

    [Fact]
    public Task Refuses_a_certificate_that_is_not_for_servers() => RefusesAsync(
        "not for clients and servers", server => server.Spoil = request => request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false)));

    [Theory]
    [InlineData(200, """{"success":false,"errors":[{"code":7,"message":"no more"}]}""", "no more")]
    [InlineData(500, "<html>", "answered 500")]
    [InlineData(200, """{"success":true,"result":{"certificate":"nothing"}}""", "holds no certificate")]
    [InlineData(200, """{"success":"yes","result":[]}""", "answered 200")]
    public Task Refuses_what_is_no_certificate(int status, string body, string problem) => RefusesAsync(problem, server => server.Answer = (status, body));

    [Fact]
    public async Task Refuses_a_server_that_nobody_vouches_for()
    {
        using SigningServer stranger = new();
        Result<ImmutableArray<byte>> issued = await SignAsync(Cluster() with { Spec = new ClusterSpec { ExternalAuthorities = [new ExternalAuthority(stranger.Url, [])] } });
        Assert.Contains("external authority", issued.Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(0, stranger.Asked);
    }

    [Fact]
    public async Task Never_signs_itself_in_its_place_and_waits_before_it_asks_again()
    {
        LaterTime time = new();
        using ExternalSigner external = new(static () => null, time);
        CertificateSigner signer = new(external, time);
        ClusterRecord cluster = Cluster() with { Root = new RootAuthority([.. _server.RootDer], [.. _server.RootKey]) };
        _server.Answer = (503, "busy");
        Assert.False((await signer.SignAsync(cluster, Request(), _identity, CancellationToken.None)).IsOk);

        _server.Answer = null;
        Assert.Contains("answered 503", (await signer.SignAsync(cluster, Request(), _identity, CancellationToken.None)).Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(0, _server.Asked);
        time.Ahead = TimeSpan.FromSeconds(2);
        Assert.True((await signer.SignAsync(cluster, Request(), _identity, CancellationToken.None)).IsOk);
        Assert.Equal(1, _server.Asked);
    }

    [Fact]
    public async Task Asks_the_next_authority_when_one_fails()
    {
        using SigningServer silent = new() { Answer = (500, "") };
        ClusterRecord cluster = Cluster();
        cluster = cluster with { Spec = new ClusterSpec { ExternalAuthorities = [new ExternalAuthority(silent.Url, [.. _server.RootDer]), .. cluster.Spec.ExternalAuthorities] } };
        Assert.True((await SignAsync(cluster)).IsOk);
    }

    [Fact]
    public async Task Founds_a_cluster_whose_managers_never_have_the_roots_key()
    {
        ClusterSpec spec = Cluster().Spec;
        RootAuthority root = new([.. _server.RootDer], []);
        Result<(ClusterRecord Cluster, NodeRecord Node)> founded = await ClusterFounder.FoundAsync(
            RunningManager.Csr(_key), "127.0.0.1:1", 3, spec, root, NodeAvailability.Active, "m1", new SystemIds(), TimeProvider.System, CancellationToken.None);
        Assert.True(founded.IsOk, founded.Refusal?.Message);
        Assert.False(founded.Value.Cluster.Root.HasKey);
        ClusterTrust trust = new(X509CertificateLoader.LoadCertificate(_server.RootDer), founded.Value.Cluster.Id, TimeProvider.System);
        Assert.Equal(founded.Value.Node.Id, trust.Verify(X509CertificateLoader.LoadCertificate(founded.Value.Node.Certificate.CertificateDer.AsSpan()), [], out _)!.NodeId);

        Result<(ClusterRecord Cluster, NodeRecord Node)> keyless = await ClusterFounder.FoundAsync(
            RunningManager.Csr(_key), "127.0.0.1:1", 3, new ClusterSpec(), root, NodeAvailability.Active, "m1", new SystemIds(), TimeProvider.System, CancellationToken.None);
        Assert.Contains("do not have the root's key", keyless.Refusal!.Message, StringComparison.Ordinal);
    }

    private async Task RefusesAsync(string problem, Action<SigningServer> spoil)
    {
        spoil(_server);
        Result<ImmutableArray<byte>> issued = await SignAsync();
        Assert.Equal(RefusalKind.FailedPrecondition, issued.Refusal?.Kind);
        Assert.Contains(problem, issued.Refusal!.Message, StringComparison.Ordinal);
        Assert.Contains(_server.Url, issued.Refusal.Message, StringComparison.Ordinal);
    }

    private async Task<Result<ImmutableArray<byte>>> SignAsync(ClusterRecord? cluster = null)
    {
        using ExternalSigner external = new(static () => null, TimeProvider.System);
        return await new CertificateSigner(external, TimeProvider.System).SignAsync(cluster ?? Cluster(), Request(), _identity, CancellationToken.None);
    }

    private SigningRequest Request() => SigningRequest.Read(RunningManager.Csr(_key)).Value;

    private ClusterRecord Cluster() => new()
    {
        Id = new ClusterId(7),
        Root = new RootAuthority([.. _server.RootDer], []),
        JoinSecrets = new JoinSecrets(1, 2),
        Spec = new ClusterSpec { ExternalAuthorities = [new ExternalAuthority(_server.Url, [])] },
    };

    /// <summary>The machine's time, and what a test adds to it.</summary>
    private sealed class LaterTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
    }
}
