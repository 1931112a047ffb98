using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Cluster.Api.V1;
using Cluster.Manager.Certificates;
using Cluster.Model.Certificates;
using Cluster.Rpc;
using Cluster.UnitTests.Architecture;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Manager;

/// <summary>
/// Calls every method of the protocol over TLS as everybody there is: what is listed here for them is let in, everything else is refused with a
/// sentence, and leaves nothing behind.
/// </summary>
public sealed partial class MethodAccessTests
{
    /// <summary>On the daemon's local socket only.</summary>
    private static readonly string[] OnTheMachine =
    [
        "Images/ListImages", "Images/LoadImage", "LocalNode/GetStatus", "LocalNode/Init", "LocalNode/Join", "LocalNode/Leave", "LocalNode/ListOwned", "LocalNode/Restore", "LocalNode/Unlock",
    ];

    private static readonly string[] Open = ["CertificateAuthority/GetRootCertificate", "CertificateAuthority/IssueNodeCertificate"];

    private static readonly string[] ForNodes = ["Dispatcher/Session", "Health/Check", "LogRelay/Publish"];

    private static readonly string[] ForLooking =
    [
        "Control/DescribeAuthority", "Control/GetCluster", "Control/GetNode", "Control/GetService", "Control/GetTask", "Control/ListNodes", "Control/ListServices", "Control/ListTasks",
        "Logs/SubscribeLogs", "Managers/DescribeManager", "Watch/Watch",
    ];

    private static readonly string[] ForChanging =
    [
        "Control/CreateBackup", "Control/CreateService", "Control/GetJoinTokens", "Control/GetUnlockKey", "Control/IssueUserCertificate", "Control/RemoveNode", "Control/RemoveService",
        "Control/RotateJoinToken", "Control/RotateRoot", "Control/RotateUnlockKey", "Control/UpdateCluster", "Control/UpdateNode", "Control/UpdateService",
    ];

    private static readonly string[] ForManagers =
        ["Managers/Announce", "Managers/MarkNodeReady", "Managers/ReadNodeLogs", "Managers/ReportSessions", "Managers/UpdateTaskStatuses", "RaftPeers/SendSnapshot"];

    public static TheoryData<string, StatusCode, string[]> Everybody => new()
    {
        { "nobody", StatusCode.Unauthenticated, Open },
        { "stranger", StatusCode.Unauthenticated, Open },
        { "worker", StatusCode.PermissionDenied, [.. Open, .. ForNodes] },
        { "demoted", StatusCode.PermissionDenied, [.. Open, .. ForNodes] },
        { "reader", StatusCode.PermissionDenied, [.. Open, .. ForLooking] },
        { "operator", StatusCode.PermissionDenied, [.. Open, .. ForLooking, .. ForChanging] },
        { "manager", StatusCode.PermissionDenied, [.. Open, .. ForNodes, .. ForLooking, .. ForChanging, .. ForManagers] },
    };

    [Theory]
    [MemberData(nameof(Everybody))]
    public async Task Opens_to_each_what_is_theirs_and_nothing_else(string who, StatusCode refused, string[] allowed)
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        await using RunningManager other = await RunningManager.StartAsync();
        await using RpcChannel channel = await ConnectAsync(manager, other, who);
        int nodes = (await manager.NodesAsync()).Count;

        List<string> letIn = [];
        foreach (MethodDescriptor method in ProtocolMethods.All)
        {
            string name = ProtocolMethods.NameOf(method)["/cluster.v1.".Length..];
            Status status = await ProtocolMethods.CallAsync(channel, method);
            if (OnTheMachine.Contains(name, StringComparer.Ordinal)) Assert.Equal((name, StatusCode.Unimplemented), (name, status.StatusCode));
            else if (status.StatusCode is not (StatusCode.PermissionDenied or StatusCode.Unauthenticated)) letIn.Add(name);
            else Assert.Equal((name, refused, true), (name, status.StatusCode, status.Detail.Contains(ReasonFor(who), StringComparison.Ordinal)));
        }

        Assert.Equal(allowed.Order(StringComparer.Ordinal), letIn);
        Assert.Empty(await manager.ServiceNamesAsync());
        Assert.Equal(nodes, (await manager.NodesAsync()).Count);
    }

    [Fact]
    public void Walks_every_method_that_the_files_of_the_protocol_declare()
    {
        IEnumerable<string> declared =
            from file in Sources.Files("proto/cluster", "*.proto")
            let text = Sources.Read(file)
            from Match service in Service().Matches(text)
            from Match method in Method().Matches(service.Groups["methods"].Value)
            select $"/cluster.v1.{service.Groups["name"].Value}/{method.Groups["name"].Value}";
        Assert.Equal(declared.Order(StringComparer.Ordinal), ProtocolMethods.All.Select(ProtocolMethods.NameOf));
        Assert.Equal(
            OnTheMachine.Concat(Open).Concat(ForNodes).Concat(ForLooking).Concat(ForChanging).Concat(ForManagers).Order(StringComparer.Ordinal),
            ProtocolMethods.All.Select(method => ProtocolMethods.NameOf(method)["/cluster.v1.".Length..]));
    }

    private static string ReasonFor(string who) => who switch
    {
        "nobody" => "no certificate was presented",
        "stranger" => "was not issued by this cluster's root",
        "worker" => "is a worker",
        "demoted" => "node ",
        _ => $"user {who}",
    };

    private static async Task<RpcChannel> ConnectAsync(RunningManager manager, RunningManager other, string who) => who switch
    {
        "nobody" => manager.Connect(null),
        "stranger" => manager.Connect(other.ManagerCertificate),
        "worker" => manager.Connect(await manager.JoinWorkerAsync(ECDsa.Create(ECCurve.NamedCurves.nistP256))),
        "demoted" => manager.Connect(await DemotedAsync(manager)),
        "reader" => manager.Connect(await manager.IssueUserAsync(who, Cluster.Api.V1.UserRole.Reader)),
        "operator" => manager.Connect(await manager.IssueUserAsync(who, Cluster.Api.V1.UserRole.Operator)),
        _ => manager.Connect(manager.ManagerCertificate),
    };

    /// <summary>A manager's certificate of a node that is a worker now.</summary>
    private static async Task<X509Certificate2> DemotedAsync(RunningManager manager)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateIdentity worker = CertificateIdentity.TryRead(await manager.JoinWorkerAsync(key))!;
        ImmutableArray<byte> before = RootAuthorityIssuer.Issue(
            manager.Cluster.Root, new PublicKey(key), worker with { Role = Cluster.Model.States.NodeRole.Manager }, TimeProvider.System.GetUtcNow().AddMinutes(-10), TimeSpan.FromDays(1));
        return RunningManager.CertificateOf(before.AsSpan(), key);
    }

    [GeneratedRegex(@"^service (?<name>\w+) \{(?<methods>.*?)^\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Service();

    [GeneratedRegex(@"^\s*rpc (?<name>\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Method();
}
