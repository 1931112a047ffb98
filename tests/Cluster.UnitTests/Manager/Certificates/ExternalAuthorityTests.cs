using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Manager.Certificates;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager.Certificates;

/// <summary>A cluster whose certificates an external authority signs, over real TLS on both sides: what that gives wrongly nobody gets.</summary>
public sealed class ExternalAuthorityTests
{
    [Theory]
    [InlineData("another subject", "was asked for")]
    [InlineData("another key", "another key")]
    [InlineData("another root", "not issued by this cluster's root")]
    [InlineData("no certificate", "answered 500")]
    [InlineData("a refusal", "it refused: no more")]
    public async Task Refuses_joins_renewals_and_persons_when_it_answers_wrongly_and_leaves_nothing(string flaw, string problem)
    {
        using SigningServer authority = new();
        await using RotatedCluster cluster = await RotatedCluster.StartAsync();
        ByteString root = (await cluster.BeginAsync(request =>
        {
            request.CertificateDer = ByteString.CopyFrom(authority.RootDer);
            request.ExternalCas.Add(new ExternalCa { Protocol = "cfssl", Url = authority.Url });
        })).CertificateDer;
        await cluster.Manager.RenewAsync();
        await cluster.FinishedAsync(root);
        RotatedNode node = await cluster.JoinAsync();
        string certificates = await CertificatesAsync(cluster);

        switch (flaw)
        {
            case "another subject": authority.Subject = "CN=somebody"; break;
            case "another key": authority.OtherKey = new PublicKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)); break;
            case "another root": authority.SignRoot = RootCertificates.Create(new ClusterId(1), TimeProvider.System.GetUtcNow()); break;
            case "a refusal": authority.Answer = (200, """{"success":false,"errors":[{"code":7,"message":"no more"}]}"""); break;
            default: authority.Answer = (500, "<html>"); break;
        }

        foreach (Func<Task> wish in new Func<Task>[] { () => cluster.JoinAsync(), node.RenewAsync, () => cluster.UserAsync("olga"), cluster.Manager.RenewAsync })
        {
            RpcException refusal = await Assert.ThrowsAsync<RpcException>(wish);
            Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
            Assert.Contains(problem, refusal.Status.Detail, StringComparison.Ordinal);
            Assert.Contains(authority.Url, refusal.Status.Detail, StringComparison.Ordinal);
        }

        // The rows, and so all certificates that count, are as before; who has one goes on with it.
        Assert.Equal(certificates, await CertificatesAsync(cluster));
        await using RpcChannel channel = node.Connect();
        Assert.True((await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest())).Serving);
    }

    private static async Task<string> CertificatesAsync(RotatedCluster cluster) =>
        string.Join(',', (await cluster.Control.ListNodesAsync(new ListNodesRequest())).Nodes.Select(node => $"{node.Id}:{node.Certificate.CertificateDer.ToBase64()}"));
}
