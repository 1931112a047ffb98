using Cluster.Api.V1;
using Cluster.UnitTests.Cli.Fakes;
using Grpc.Core;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Cli;

public sealed class ServiceCommandTests : IAsyncLifetime
{
    private FakeDaemon _daemon = null!;

    public async Task InitializeAsync()
    {
        _daemon = await FakeDaemon.StartAsync();
        _daemon.Control.Nodes.AddRange([Records.Node(Records.W1, "w1"), Records.Node(Records.M1, "m1", NodeRole.Manager, leader: true)]);
    }

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task Creates_what_the_flags_say()
    {
        string output = await _daemon.OkAsync(
            "service", "create", "-d", "--name", "web", "--replicas", "3", "-l", "a=1", "-e", "FROM_SHELL", "-e", "B=2", "-p", "published=8080,target=80,mode=host",
            "--mount", "type=bind,src=/d,dst=/d,ro", "--constraint", "node.role==worker", "--placement-pref", "spread=node.labels.rack", "--limit-memory", "64m",
            "--reserve-cpu", "0.5", "--restart-condition", "on-failure", "--restart-delay", "1s", "--stop-grace-period", "20s", "--entrypoint", "/bin/sh -e",
            "--tty", "--ulimit", "nofile=1:2", "--log-opt", "max-size=1m", "--network", "bridge", "lab/web:1", "sh", "-c", "echo --not-a-flag");
        Assert.Equal(Records.ServiceId + "\n", output);
        ServiceSpec spec = Assert.IsType<CreateServiceRequest>(_daemon.Control.Changes[^1]).Spec;
        Assert.Equal(("web", 3, "1", NetworkMode.Bridge), (spec.Name, spec.Replicas, spec.Labels["a"], spec.Network));
        Assert.Equal("lab/web:1", spec.Container.Image);
        Assert.Equal(["sh", "-c", "echo --not-a-flag"], spec.Container.Args);
        Assert.Equal(["/bin/sh", "-e"], spec.Container.Command);
        Assert.Equal(["FROM_SHELL=yes", "B=2"], spec.Container.Env);
        Assert.Equal((8080, PublishMode.Host), (spec.Ports[0].PublishedPort, spec.Ports[0].Mode));
        Assert.True(spec.Container.Mounts[0].ReadOnly);
        Assert.True(spec.Container.Tty);
        Assert.Equal(TimeSpan.FromSeconds(20).Ticks, spec.Container.StopGracePeriodTicks);
        Assert.Equal((64L << 20, 500_000_000), (spec.Resources.Limits.MemoryBytes, spec.Resources.Reservations.NanoCpus));
        Assert.Equal((RestartCondition.OnFailure, TimeSpan.TicksPerSecond), (spec.Restart.Condition, spec.Restart.DelayTicks));
        Assert.Equal(["node.labels.rack"], spec.Placement.SpreadOver);
        Assert.Equal("json-file", spec.LogDriver.Name);
    }

    [Fact]
    public async Task Makes_a_name_from_the_image_when_none_is_given()
    {
        await _daemon.OkAsync("service", "create", "-d", "registry.example.org/lab/web:1");
        Assert.Matches("^web-[0-9a-z]{5}$", Assert.IsType<CreateServiceRequest>(_daemon.Control.Changes[^1]).Spec.Name);
    }

    [Theory]
    [InlineData("--secret is not built yet", "--secret", "x", "lab/web:1")]
    [InlineData("--update-delay is not built yet", "--update-delay=5s", "lab/web:1")]
    [InlineData("--network other than host|none|bridge is not built yet", "--network", "my", "lab/web:1")]
    [InlineData("mode global is not built yet", "--mode", "global", "lab/web:1")]
    [InlineData("mode=host", "-p", "8080:80", "lab/web:1")]
    [InlineData("flag --colour is not known", "--colour", "red", "lab/web:1")]
    [InlineData("--replicas 'many' is not a number", "--replicas", "many", "lab/web:1")]
    [InlineData("Required argument", "--name", "web")]
    [InlineData("not a size", "--limit-memory", "x", "lab/web:1")]
    [InlineData("no file '/nope'", "--env-file", "/nope", "lab/web:1")]
    [InlineData("service name 'a.b'", "--name", "a.b", "lab/web:1")]
    [InlineData("spread=node.labels.NAME", "--placement-pref", "x", "lab/web:1")]
    [InlineData("on-failure and none", "--restart-condition", "x", "lab/web:1")]
    public async Task Refuses_in_one_line_before_anything_is_asked(string error, params string[] flags)
    {
        string line = await _daemon.FailAsync(["service", "create", .. flags]);
        Assert.Contains(error, line, StringComparison.Ordinal);
        Assert.Equal(1, line.Count(c => c == '\n'));
        Assert.Empty(_daemon.Control.Changes);
    }

    [Fact]
    public async Task Tries_a_change_again_with_the_same_request_id()
    {
        _daemon.Control.FailNext(StatusCode.Unavailable);
        await _daemon.OkAsync("service", "create", "-d", "lab/web:1");
        string[] ids = [.. _daemon.Control.Changes.Cast<CreateServiceRequest>().Select(r => r.RequestId)];
        Assert.Equal(2, ids.Length);
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public async Task Lists_services_as_docker_does()
    {
        _daemon.Control.Services.Add(Records.Web());
        _daemon.Control.Counts.Add(new ServiceCounts { Desired = 2, Running = 1 });
        Assert.Equal(
            """
            ID             NAME      MODE         REPLICAS   IMAGE       PORTS
            000000000000   web       replicated   1/2        lab/web:1   *:8080->80/tcp

            """,
            await _daemon.OkAsync("service", "ls"));
        Assert.Equal("web 1/2\n", await _daemon.OkAsync("service", "ls", "--format", "{{.Name}} {{.Replicas}}"));
        Assert.Equal("", await _daemon.OkAsync("service", "ls", "-q", "--filter", "name=db"));
        Assert.Equal("000000000000\n", await _daemon.OkAsync("service", "list", "-q", "-f", "mode=replicated"));
    }

    [Fact]
    public async Task Lists_tasks_with_their_history_below()
    {
        _daemon.Control.PageSize = 2;
        _daemon.Control.Services.Add(Records.Web());
        _daemon.Control.Tasks.AddRange(
        [
            Records.Task(1, 1, TaskState.Failed, TaskState.Shutdown, "task: non-zero exit (1) and some more"), Records.Task(2, 1, TaskState.Running),
            Records.Task(3, 2, TaskState.Running),
        ]);
        Assert.Equal(
            """
            ID             NAME        IMAGE       NODE      DESIRED STATE   CURRENT STATE           ERROR                              PORTS
            000000000000   web.1       lab/web:1   w1        Running         Running 5 minutes ago
            000000000000    \_ web.1   lab/web:1   w1        Shutdown        Failed 5 minutes ago    "task: non-zero exit (1) and s…"
            000000000000   web.2       lab/web:1   w1        Running         Running 5 minutes ago

            """,
            await _daemon.OkAsync("service", "ps", "web"));
        Assert.Equal(
            "00000000000000000000000a2|web.1|w1|Running|Running 5 minutes ago\n00000000000000000000000a1|web.1|w1|Shutdown|Failed 5 minutes ago\n00000000000000000000000a3|web.2|w1|Running|Running 5 minutes ago\n",
            await _daemon.OkAsync("service", "ps", "web", "--no-trunc", "--format", "{{.ID}}|{{.Name}}|{{.Node}}|{{.DesiredState}}|{{.CurrentState}}"));
    }

    [Theory]
    [InlineData("desired-state=shutdown", "a1")]
    [InlineData("desired-state=running", "a2,a3")]
    [InlineData("name=web.2", "a3")]
    [InlineData("node=w1", "a2,a1,a3")]
    [InlineData("node=m1", "")]
    [InlineData("id=00000000000000000000000a3", "a3")]
    public async Task Filters_tasks(string filter, string ids)
    {
        _daemon.Control.Services.Add(Records.Web());
        _daemon.Control.Tasks.AddRange([Records.Task(1, 1, TaskState.Failed, TaskState.Shutdown), Records.Task(2, 1, TaskState.Running), Records.Task(3, 2, TaskState.Running)]);
        string output = await _daemon.OkAsync("service", "ps", "web", "--no-trunc", "-q", "--filter", filter);
        Assert.Equal(ids, string.Join(',', output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(id => id[^2..])));
    }

    [Fact]
    public async Task Waits_until_the_watch_says_that_all_run()
    {
        _daemon.Control.OnService = service =>
        {
            _daemon.Control.Tasks.Add(Records.Task(1, 1, TaskState.Preparing));
            _daemon.Watch.Send(new WatchBatch { Version = 9, Events = { new WatchEvent { Task = Newer(Records.Task(1, 1, TaskState.Running)) } } });
        };
        CliResult result = await _daemon.RunAsync("service", "create", "--name", "web", "lab/web:1");
        Assert.Equal((0, Records.ServiceId + "\n"), (result.ExitCode, result.Output));
        Assert.EndsWith("overall progress: 1 out of 1 tasks\nverify: service web converged\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_without_a_watch_too()
    {
        _daemon.Watch.IsMissing = true;
        _daemon.Control.OnService = _ => _daemon.Control.Tasks.Add(Records.Task(1, 1, TaskState.Running));
        CliResult result = await _daemon.RunAsync("service", "create", "--name", "web", "lab/web:1");
        Assert.Equal((0, "overall progress: 1 out of 1 tasks\nverify: service web converged\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Scales_and_keeps_the_rest_of_the_spec()
    {
        _daemon.Control.Services.Add(Records.Web());
        _daemon.Control.FailNext(StatusCode.Aborted);
        Assert.Equal("web scaled to 0\n", await _daemon.OkAsync("service", "scale", "-d", "web=0"));
        UpdateServiceRequest request = Assert.IsType<UpdateServiceRequest>(_daemon.Control.Changes[^1]);
        Assert.Equal((7UL, 0, 8080), (request.Version, request.Spec.Replicas, request.Spec.Ports[0].PublishedPort));
        Assert.True(request.Spec.HasReplicas);
        Assert.Contains("not SERVICE=REPLICAS", await _daemon.FailAsync("service", "scale", "web=-1"), StringComparison.Ordinal);
        Assert.Equal("cluster: no service 'db'\n", await _daemon.FailAsync("service", "scale", "db=1"));
    }

    [Fact]
    public async Task Removes_services()
    {
        _daemon.Control.Services.Add(Records.Web());
        Assert.Equal("web\n", await _daemon.OkAsync("service", "rm", "web"));
        Assert.Equal(Records.ServiceId, Assert.IsType<RemoveServiceRequest>(_daemon.Control.Changes[^1]).ServiceId);
    }

    [Fact]
    public async Task Inspects_services_and_tasks()
    {
        _daemon.Control.Services.Add(Records.Web());
        _daemon.Control.Tasks.Add(Records.Task(1, 1, TaskState.Failed, error: "it broke"));
        _daemon.Control.Template = new TaskTemplate { Id = Records.TemplateId, Container = new ContainerSpec { Image = "lab/web:1" } };
        Assert.Equal("2\n", await _daemon.OkAsync("service", "inspect", "web", "--format", "{{.Spec.Mode.Replicated.Replicas}}"));
        Assert.Equal("failed it broke lab/web:1\n", await _daemon.OkAsync("task", "inspect", "00000000000000000000000a1", "-f", "{{.Status.State}} {{.Status.Err}} {{.Spec.ContainerSpec.Image}}"));
        Assert.Contains("\"Image\": \"lab/web:1\"", await _daemon.OkAsync("service", "inspect", "web"), StringComparison.Ordinal);
    }

    private static Cluster.Api.V1.Task Newer(Cluster.Api.V1.Task task)
    {
        task.Meta.Version = 9;
        return task;
    }
}
