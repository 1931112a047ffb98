using Cluster.Api.V1;
using Cluster.UnitTests.Cli.Fakes;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Cli;

public sealed class OtherCommandTests : IAsyncLifetime
{
    private FakeDaemon _daemon = null!;

    public async Task InitializeAsync()
    {
        _daemon = await FakeDaemon.StartAsync();
        _daemon.Control.Nodes.Add(Records.Node(Records.W1, "w1"));
        _daemon.Control.Services.Add(Records.Web());
        _daemon.Control.Tasks.Add(Records.Task(1, 1, TaskState.Running));
    }

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task Shows_logs_with_who_printed_them()
    {
        _daemon.Logs.Batches.Add(new LogBatch
        {
            Lines = { FakeLogs.Line(_daemon.Control.Tasks[0].Id, "hello\n"), FakeLogs.Line(_daemon.Control.Tasks[0].Id, "oh", LogStream.Stderr) },
            Notes = { "node w2 is down" },
        });
        CliResult result = await _daemon.RunAsync("service", "logs", "--tail", "5", "--since", "10m", "web");
        Assert.Equal("web.1.000000000000@w1    | hello\n", result.Output);
        Assert.Equal("web.1.000000000000@w1    | oh\ncluster: node w2 is down\n", result.Error);
        Assert.Equal((Records.ServiceId, 5L, false), (_daemon.Logs.Asked!.ServiceId, _daemon.Logs.Asked.Tail, _daemon.Logs.Asked.Follow));
        Assert.True(_daemon.Logs.Asked.SinceTicks > 0);
    }

    [Fact]
    public async Task Shows_logs_in_other_forms()
    {
        _daemon.Logs.Batches.Add(new LogBatch { Lines = { FakeLogs.Line(_daemon.Control.Tasks[0].Id, "hello") } });
        Assert.Equal("hello\n", await _daemon.OkAsync("service", "logs", "--raw", "web"));
        Assert.Equal("web.1@w1    | hello\n", await _daemon.OkAsync("service", "logs", "--no-task-ids", "web"));
        Assert.Equal("2022-09-28T22:13:20.0000000Z hello\n", await _daemon.OkAsync("service", "logs", "--raw", "-t", "web"));
        Assert.Equal("hello\n", await _daemon.OkAsync("service", "logs", "--raw", _daemon.Control.Tasks[0].Id));
        Assert.Equal(_daemon.Control.Tasks[0].Id, _daemon.Logs.Asked!.TaskId);
        Assert.Contains("no service or task", await _daemon.FailAsync("service", "logs", "db"), StringComparison.Ordinal);
        Assert.Contains("--since 'soon'", await _daemon.FailAsync("service", "logs", "--since", "soon", "web"), StringComparison.Ordinal);
        Assert.Contains("--tail 'x'", await _daemon.FailAsync("service", "logs", "--tail", "x", "web"), StringComparison.Ordinal);
        Assert.Contains("--details is not built yet", await _daemon.FailAsync("service", "logs", "--details", "web"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loads_images_in_pieces()
    {
        byte[] archive = new byte[(2 << 20) + 17];
        new Random(1).NextBytes(archive);
        string file = Path.Combine(Path.GetDirectoryName(_daemon.Socket)!, "image.tar");
        await File.WriteAllBytesAsync(file, archive);
        Assert.Equal("Loaded image: lab/web:1\n", await _daemon.OkAsync("image", "load", "-i", file));
        Assert.True(archive.AsSpan().SequenceEqual(_daemon.Images.Loaded));
        Assert.Contains("there is no file", await _daemon.FailAsync("image", "load", "-i", "/nope"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_images()
    {
        Assert.Equal(
            """
            REPOSITORY   TAG       IMAGE ID       CREATED       SIZE
            lab/web      1         aaaaaaaaaaaa   3 hours ago   1.42MB

            """,
            await _daemon.OkAsync("image", "ls"));
    }

    [Fact]
    public async Task Shows_what_is_owned_for_scripts()
    {
        Assert.Equal("{\"tasks\":[\"t1\",\"t2\"],\"container_namespace\":\"cluster\"}\n", await _daemon.OkAsync("debug", "owned", "--format", "json"));
        Assert.Equal("t1\nt2\n", await _daemon.OkAsync("debug", "owned"));
    }

    [Fact]
    public async Task Shows_versions() => Assert.Equal("9.9\n", await _daemon.OkAsync("version", "--format", "{{.Server.Version}}"));

    [Fact]
    public async Task Says_what_to_do_when_no_daemon_runs()
    {
        CliResult result = await CliResult.OfAsync("--socket", "/nonexistent/d.sock", "service", "ls");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("cluster: clusterd is not running on this machine: nobody listens at /nonexistent/d.sock; start it", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("service")]
    [InlineData("node")]
    [InlineData("")]
    public async Task Shows_what_can_follow_a_noun(string noun)
    {
        CliResult result = await CliResult.OfAsync(noun.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("Commands:", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_unknown_commands() =>
        Assert.Equal("cluster: 'lss' is not known here; see 'cluster service --help'\n", await _daemon.FailAsync("service", "lss"));
}
