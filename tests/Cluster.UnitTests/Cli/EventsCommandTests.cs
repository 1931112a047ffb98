using Cluster.Api.V1;
using Cluster.UnitTests.Cli.Fakes;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Cli;

public sealed class EventsCommandTests : IAsyncLifetime
{
    private static readonly long At = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).Ticks;

    private FakeDaemon _daemon = null!;

    public async Task InitializeAsync()
    {
        _daemon = await FakeDaemon.StartAsync();
        _daemon.Control.Nodes.Add(Records.Node(Records.W1, "w1"));
        Service web = Records.Web();
        _daemon.Control.Services.Add(web);
        Service before = web.Clone();
        before.Spec.Replicas = 1;
        web.Spec.Replicas = 3;
        web.Spec.Labels["tier"] = "front";
        _daemon.Watch.Send(new WatchBatch { Version = 9, Incomplete = true });
        _daemon.Watch.Send(new WatchBatch { Version = 10, ClusterTimeTicks = At, Actor = "user:olga", Events = { new WatchEvent { Service = web, PreviousService = before } } });
        _daemon.Watch.Send(new WatchBatch { Version = 11, ClusterTimeTicks = At, Actor = "kernel", Events = { new WatchEvent { Task = Records.Task(1, 1, TaskState.Running) } } });
        _daemon.Watch.End();
    }

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task Tells_what_changed_and_who_asked()
    {
        CliResult result = await _daemon.RunAsync("events", "--since", "10m", "--until", "0s");
        Assert.Equal(0, result.ExitCode);
        string[] lines = result.Output.TrimEnd().Split('\n');
        Assert.Equal($"2026-01-02T03:04:05.0000000Z service update {Records.ServiceId} (name=web, replicas.old=1, replicas.new=3, label.tier=front, by=user:olga)", lines[0]);
        Assert.StartsWith("2026-01-02T03:04:05.0000000Z task create", lines[1], StringComparison.Ordinal);
        Assert.Contains("name=web.1.", lines[1], StringComparison.Ordinal);
        Assert.Contains("node=w1, state.new=running", lines[1], StringComparison.Ordinal);
        Assert.Contains("not kept any more", result.Error, StringComparison.Ordinal);
        Assert.True(_daemon.Watch.Asked!.WithPrevious);
        Assert.True(_daemon.Watch.Asked.UntilTicks > _daemon.Watch.Asked.SinceTicks);
    }

    [Theory]
    [InlineData("type=service", 1)]
    [InlineData("event=create", 1)]
    [InlineData("by=olga", 1)]
    [InlineData("node=w1", 1)]
    [InlineData("service=web", 2)]
    [InlineData("service=db", 0)]
    public async Task Shows_only_what_was_asked_for(string filter, int count) =>
        Assert.Equal(count, (await _daemon.OkAsync("events", "--filter", filter, "--format", "{{.Type}}")).Count(c => c == '\n'));

    [Fact]
    public async Task Prints_json_in_the_shape_of_dockers_events()
    {
        string json = (await _daemon.OkAsync("events", "-f", "type=service", "--format", "json")).TrimEnd();
        Assert.StartsWith("{\"Type\":\"service\",\"Action\":\"update\",\"Actor\":{\"ID\":", json, StringComparison.Ordinal);
        Assert.Contains("\"By\":\"user:olga\",\"Version\":10,", json, StringComparison.Ordinal);
        Assert.Contains("\"timeNano\":1767323045000000000", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_what_it_does_not_know()
    {
        Assert.Contains("--since 'soon'", await _daemon.FailAsync("events", "--since", "soon"), StringComparison.Ordinal);
        Assert.Contains("--until is before --since", await _daemon.FailAsync("events", "--since", "1m", "--until", "2m"), StringComparison.Ordinal);
        Assert.Contains("allowed are cluster, node", await _daemon.FailAsync("events", "--filter", "type=network"), StringComparison.Ordinal);
    }
}
