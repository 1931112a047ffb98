using System.Security.Cryptography;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Tokens;
using Cluster.Node.Certificates;
using Cluster.Node.Joining;
using Cluster.UnitTests.Manager;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Node.Joining;

/// <summary>Whom a node that joins believes, over real TLS: only the token's digest, and only what the root vouches for gets to see the secret.</summary>
public sealed class JoinClientTests
{
    [Fact]
    public async Task Joins_a_cluster_whose_root_is_the_tokens()
    {
        await using RunningManager manager = await RunningManager.StartAsync();

        Result<IssuedIdentity> joined = await JoinAsync(manager.WorkerToken, manager.Address.ToString());

        Assert.True(joined.IsOk, joined.Refusal?.Message);
        Assert.Equal(manager.Cluster.Id, joined.Value.Identity.ClusterId);
        Assert.True(joined.Value.Roots.TrustedDer[0].AsSpan().SequenceEqual(manager.Cluster.Root.CertificateDer.AsSpan()));
    }

    [Fact]
    public async Task Refuses_a_root_whose_digest_is_not_the_tokens_and_shows_it_no_secret()
    {
        await using RunningManager real = await RunningManager.StartAsync();
        await using RunningManager other = await RunningManager.StartAsync();
        await using ImpostorManager impostor = await ImpostorManager.StartAsync([.. other.Cluster.Root.CertificateDer]);

        Result<IssuedIdentity> joined = await JoinAsync(real.WorkerToken, impostor.Address);

        Assert.False(joined.IsOk);
        Assert.Equal(RefusalKind.PermissionDenied, joined.Refusal!.Kind);
        Assert.Contains("another digest", joined.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, impostor.TokensSeen);
    }

    [Fact]
    public async Task Shows_no_secret_to_one_who_has_the_right_root_but_no_certificate_from_it()
    {
        await using RunningManager real = await RunningManager.StartAsync();
        await using ImpostorManager impostor = await ImpostorManager.StartAsync([.. real.Cluster.Root.CertificateDer]);

        Result<IssuedIdentity> joined = await JoinAsync(real.WorkerToken, impostor.Address);

        Assert.False(joined.IsOk);
        Assert.Equal(0, impostor.TokensSeen);
    }

    private static async Task<Result<IssuedIdentity>> JoinAsync(JoinToken token, string manager)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var details = new JoinDetails(NodeAvailability.Active, new NodeDescription { Hostname = "joining" });
        return await new JoinClient(TimeProvider.System).JoinAsync(token, [manager], key, details, CancellationToken.None);
    }
}
