using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.Storage;
using Cluster.Api.V1;
using Cluster.Cli.Contexts;
using Cluster.UnitTests.Cli.Fakes;
using Google.Protobuf;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Cli;

/// <summary>Managers, backups, and ways to clusters elsewhere.</summary>
public sealed class ManagerCommandTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cli-").FullName;
    private FakeDaemon _daemon = null!;

    public async Task InitializeAsync()
    {
        _daemon = await FakeDaemon.StartAsync();
        _daemon.Control.Nodes.Add(Records.Node(Records.W1, "w1"));
        _daemon.Control.Services.Add(Records.Web());
        _daemon.Control.Tasks.Add(Records.Task(1, 1, TaskState.Running));
    }

    public async Task DisposeAsync()
    {
        await _daemon.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Promotes_and_demotes()
    {
        Assert.Equal("Node w1 promoted to a manager in the cluster.\n", await _daemon.OkAsync("node", "promote", "w1"));
        UpdateNodeRequest request = Assert.IsType<UpdateNodeRequest>(Assert.Single(_daemon.Control.Changes));
        Assert.Equal((Records.W1, NodeRole.Manager), (request.NodeId, request.Spec.Role));
        Assert.Equal("Node w1 is already a worker.\n", await _daemon.OkAsync("node", "demote", "w1"));
        Assert.Single(_daemon.Control.Changes);
        Assert.Contains("no node 'w9'", await _daemon.FailAsync("node", "promote", "w9"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotates_a_join_token()
    {
        Assert.Equal("NEW-TOKEN\n", await _daemon.OkAsync("node", "join-token", "--rotate", "-q", "worker"));
        Assert.Equal(NodeRole.Worker, Assert.IsType<RotateJoinTokenRequest>(Assert.Single(_daemon.Control.Changes)).Role);
    }

    [Fact]
    public async Task Lists_the_tasks_of_a_node()
    {
        Assert.Equal("web.1 w1\n", await _daemon.OkAsync("node", "ps", "--format", "{{.Name}} {{.Node}}", "w1"));
    }

    [Fact]
    public async Task Says_what_this_machine_is()
    {
        Assert.Equal("active 9.9\n", await _daemon.OkAsync("info", "--format", "{{.LocalNodeState}} {{.ServerVersion}}"));
    }

    [Fact]
    public async Task Goes_on_alone_only_without_other_settings()
    {
        Assert.Contains("only manager", await _daemon.OkAsync("node", "init", "--force-new-cluster"), StringComparison.Ordinal);
        Assert.True(_daemon.Node.Initialised!.ForceNewCluster);
        Assert.Contains("--advertise-addr has no place", await _daemon.FailAsync("node", "init", "--force-new-cluster", "--advertise-addr", "192.0.2.1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writes_a_backup_that_is_whole_or_none()
    {
        string path = Path.Combine(_directory, "b");
        _daemon.Control.Backup = BackupOf("cluster-1");
        Assert.Equal(path + "\n", await _daemon.OkAsync("backup", "create", path));
        Assert.Equal("cluster-1 3\n", await _daemon.OkAsync("backup", "inspect", "--format", "{{.Cluster}} {{.Rows}}", path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Contains("exists", await _daemon.FailAsync("backup", "create", path), StringComparison.Ordinal);

        _daemon.Control.Backup = BackupOf("cluster-1")[..^1];
        Assert.Contains("damaged", await _daemon.FailAsync("backup", "create", path + "2"), StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFiles(_directory));
    }

    [Theory]
    [InlineData("nothing at all, but long enough to be a backup of a cluster", "is no backup")]
    [InlineData("short", "cut off")]
    public async Task Refuses_what_is_no_backup(string content, string problem)
    {
        string path = Path.Combine(_directory, "b");
        await File.WriteAllTextAsync(path, content);
        Assert.Contains(problem, await _daemon.FailAsync("backup", "inspect", path), StringComparison.Ordinal);
        Assert.Contains(problem, await _daemon.FailAsync("backup", "restore", path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keeps_contexts_and_uses_one()
    {
        string identity = Path.Combine(_directory, "alice.pem");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=alice", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        IdentityBundle.Create(["192.0.2.1:2377"], certificate.RawData, key, certificate.RawData).Write(identity);

        Assert.Equal("lab\n", await ContextAsync("create", "lab", "--identity", identity));
        Assert.Contains("exists", await ContextAsync("create", "lab", "--identity", identity), StringComparison.Ordinal);
        Assert.Equal("edge\n", await ContextAsync("create", "edge", "--identity", identity, "--host", "192.0.2.7,[2001:db8::1]:99"));
        Assert.Equal("edge\n", await ContextAsync("use", "edge"));
        Assert.Equal("default false\nedge true\nlab false\n", await ContextAsync("ls", "--format", "{{.Name}} {{.Current}}"));
        Assert.Contains("192.0.2.7:2377,[2001:db8::1]:99", await ContextAsync("ls"), StringComparison.Ordinal);
        Assert.Contains("for the machine that it runs on", (await CliResult.OfAsync(Environment, "image", "ls")).Error, StringComparison.Ordinal);
        Assert.Equal("edge\n", await ContextAsync("rm", "edge"));
        Assert.Equal("default\nlab\n", await ContextAsync("ls", "-q"));
        Assert.Contains("no context edge", await ContextAsync("use", "edge"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("../x")]
    [InlineData("-x")]
    public async Task Refuses_a_context_name_that_is_none(string name)
    {
        Assert.Contains("not a context's name", await ContextAsync("rm", "--", name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_file_that_is_no_identity()
    {
        string path = Path.Combine(_directory, "x");
        await File.WriteAllTextAsync(path, "hello");
        Assert.Contains("is not what 'cluster cert issue' writes", await ContextAsync("create", "lab", "--identity", path), StringComparison.Ordinal);
    }

    private string? Environment(string name) => name == "XDG_CONFIG_HOME" ? Path.Combine(_directory, "config") : null;

    private async Task<string> ContextAsync(params string[] arguments)
    {
        CliResult result = await CliResult.OfAsync(Environment, ["context", .. arguments]);
        return result.ExitCode == 0 ? result.Output : result.Error;
    }

    private static byte[] BackupOf(string cluster)
    {
        byte[] header = new SnapshotHeader { Format = 1, ClusterId = cluster, Rows = 3, ClusterTimeTicks = 1 }.ToByteArray();
        byte[] content = new byte[12 + header.Length + 32];
        "CLSTRSNP"u8.CopyTo(content);
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(8), (uint)header.Length);
        header.CopyTo(content.AsSpan(12));
        SHA256.HashData(content.AsSpan(0, content.Length - 32), content.AsSpan(content.Length - 32));
        return content;
    }
}
