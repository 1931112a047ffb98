using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Agent.Sessions;
using Cluster.Api.V1;
using Cluster.Cli.Contexts;
using Cluster.Model.Certificates;
using Cluster.Rpc;
using Cluster.UnitTests.Cli.Fakes;
using Cluster.UnitTests.Manager.Peers;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using AgentMessage = Cluster.Agent.Sessions.AgentMessage;
using Task = System.Threading.Tasks.Task;
using UserRole = Cluster.Api.V1.UserRole;

namespace Cluster.UnitTests.Manager;

/// <summary>
/// Machines whose clocks differ, over real TLS: an agent two hours ahead, at a manager that is one hour ahead of the leader. Whole hours, so that no
/// delay makes a difference.
/// </summary>
public sealed class ClockSkewTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cluster-skew-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_wrong_clock_is_measured_against_the_leaders_and_shown_and_warned_about()
    {
        RecordedLog log = new(() => { });
        await using RunningManager leader = await RunningManager.StartAsync(loggers: log);
        await using RunningManager follower = await leader.AddAsync(new SetClock { Ahead = TimeSpan.FromHours(1) });
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 certificate = await leader.JoinWorkerAsync(key);
        string id = CertificateIdentity.TryRead(certificate)!.NodeId.ToString();
        await using RpcChannel admin = leader.Connect(leader.ManagerCertificate);
        using AsyncServerStreamingCall<WatchBatch> watch = new Watch.WatchClient(admin).Watch(new WatchRequest { Kinds = { WatchKind.Node } });

        DispatcherClient agent = new(new DispatcherClientOptions
        {
            NodeId = CertificateIdentity.TryRead(certificate)!.NodeId,
            Managers = [follower.Address.ToString()],
            OpenChannel = _ => follower.Connect(certificate),
            TimeProvider = new SetClock { Ahead = TimeSpan.FromHours(2) },
            Random = new Random(1),
            Logger = NullLogger.Instance,
        });
        SessionHello hello = new(new Cluster.Model.Objects.NodeDescription { Hostname = "fast" }, 0, 0, [], []);
        await using IDispatcherSession session = await agent.OpenAsync(hello, CancellationToken.None);
        await session.SendAsync(AgentMessage.Heartbeat.Instance, CancellationToken.None);

        while (await watch.ResponseStream.MoveNext(CancellationToken.None))
        {
            if (watch.ResponseStream.Current.Events.Any(e => e.Node is { Status.ClockSkewTicks: not 0 } node && node.Id == id)) break;
        }

        string identity = Path.Combine(_directory, "rita.pem");
        X509Certificate2 rita = await leader.IssueUserAsync("rita", UserRole.Reader);
        IdentityBundle.Create([leader.Address.ToString()], rita.RawData, rita.GetECDsaPrivateKey()!, leader.Root.RawData).Write(identity);
        CliResult shown = await CliResult.OfAsync("--identity", identity, "node", "inspect", "--format", "{{.Status.ClockSkew}}", id);
        Assert.Equal("", shown.Error);
        Assert.Matches(@"^(1h[1-5]\d?m[\d.]+s|2h0m0s)\n$", shown.Output);
        Assert.Contains(log.Lines, line => line.StartsWith($"The clock of node {id} (fast) is ", StringComparison.Ordinal) && line.Contains(" ahead of this manager's", StringComparison.Ordinal));
    }
}
