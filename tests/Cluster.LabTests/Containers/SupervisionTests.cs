using System.Diagnostics;
using Cluster.Agent.Runtime;
using Cluster.Containers;
using Cluster.Containers.Containerd;
using Cluster.LabTests.Labs;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Cluster.LabTests.Containers;

[Collection(EngineCollection.Name)]
public sealed class SupervisionTests(EngineFixture fixture)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private static CancellationToken Ct => EngineFixture.Ct;

    private string Socket => fixture.Options.RunDirectory + "/containerd/containerd.sock";

    [Fact]
    public async Task Starts_containerd_again_when_it_dies_and_containers_go_on()
    {
        ContainerPlan plan = EngineFixture.Plan("sh", "-c", "while true; do sleep 0.2; echo tick; done");
        try
        {
            await fixture.Runtime.PrepareAsync(plan, Ct);
            int pid = await fixture.Runtime.StartAsync(plan.TaskId, Ct);
            Task<ContainerExit> exit = fixture.Runtime.WaitAsync(plan.TaskId, Ct);
            int containerd = PeerProcess.Listening(Socket);
            Process.GetProcessById(containerd).Kill();
            await Eventually.HoldsAsync("another containerd answers", Limit, async ct =>
            {
                try
                {
                    return PeerProcess.Listening(Socket) != containerd && (await fixture.Runtime.ListAsync(ct)).Any(task => task.TaskId == plan.TaskId && task.State == RuntimeTaskState.Running) ? null : "not yet";
                }
                catch (RuntimeException e) when (e.IsTemporary)
                {
                    return e.Message;
                }
            }, Ct);
            Assert.Equal(pid, await fixture.Runtime.StartAsync(plan.TaskId, Ct));
            Assert.False(exit.IsCompleted);
            await fixture.Runtime.StopAsync(plan.TaskId, new StopOptions(null, TimeSpan.Zero), Ct);
            Assert.Equal(137, (await exit).ExitCode);
        }
        finally
        {
            await fixture.RemoveAsync(plan.TaskId);
        }
    }

    [Fact]
    public async Task A_container_whose_shim_was_killed_has_ended_and_can_be_removed()
    {
        ContainerPlan plan = EngineFixture.Plan("sleep", "1000");
        try
        {
            await fixture.Runtime.PrepareAsync(plan, Ct);
            int pid = await fixture.Runtime.StartAsync(plan.TaskId, Ct);
            string status = await File.ReadAllTextAsync($"/proc/{pid}/status", Ct);
            int shim = int.Parse(status.Split("PPid:")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
            Process.GetProcessById(shim).Kill();
            Assert.NotEqual(0, (await fixture.Runtime.WaitAsync(plan.TaskId, Ct)).ExitCode);
            await fixture.Runtime.RemoveAsync(plan.TaskId, Ct);
            await Eventually.HoldsAsync("the process is gone", Limit, _ => Task.FromResult(Directory.Exists($"/proc/{pid}") ? "it runs" : null), Ct);
        }
        finally
        {
            await fixture.RemoveAsync(plan.TaskId);
        }
    }

    [Fact]
    public async Task Uses_a_containerd_that_runs_already_and_leaves_it_alone()
    {
        ContainerEngineOptions options = EngineFixture.NewOptions() with { ExternalSocket = Socket };
        int containerd = PeerProcess.Listening(Socket);
        using ContainerEngine engine = new(options, TimeProvider.System, NullLoggerFactory.Instance);
        using CancellationTokenSource stopping = new();
        Task running = engine.RunAsync(stopping.Token);
        try
        {
            await engine.WaitReadyAsync(Ct);
            await engine.Images.LoadAsync(new MemoryStream(new BusyboxImage().Build()), Ct);
            ContainerPlan plan = EngineFixture.Plan("sleep", "1000");
            await engine.Runtime.PrepareAsync(plan, Ct);
            await engine.Runtime.StartAsync(plan.TaskId, Ct);
            Assert.DoesNotContain(await fixture.Runtime.ListAsync(Ct), task => task.TaskId == plan.TaskId); // another namespace
            await engine.DestroyAsync(Ct);
            Assert.Empty(await engine.Runtime.ListAsync(Ct));
            Assert.Equal(containerd, PeerProcess.Listening(Socket));
            Assert.NotEmpty(await fixture.Engine.Images.ListAsync(Ct));
        }
        finally
        {
            await stopping.CancelAsync();
            try
            {
                await running;
            }
            catch (OperationCanceledException)
            {
                // as asked
            }

            foreach (string directory in (string[])[options.StateDirectory, options.RunDirectory])
            {
                if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
            }
        }
    }

    [Fact]
    public async Task Follows_a_containers_output_until_it_is_removed()
    {
        ContainerPlan plan = EngineFixture.Plan("sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; sleep 1000");
        try
        {
            await fixture.Runtime.PrepareAsync(plan, Ct);
            Task<List<ContainerLogLine>> follower = fixture.LinesAsync(plan.TaskId, new LogQuery(true, -1, null));
            await fixture.Runtime.StartAsync(plan.TaskId, Ct);
            await Eventually.HoldsAsync("the last line is stored", Limit, async _ =>
                EngineFixture.Text(await fixture.LinesAsync(plan.TaskId, new LogQuery(false, 1, null)), ContainerStream.Stdout) == "line 19999\n" ? null : "not yet", Ct);
            Assert.False(follower.IsCompleted);
            await fixture.Runtime.RemoveAsync(plan.TaskId, Ct);
            Assert.Equal(Enumerable.Range(0, 20000).Select(i => $"line {i}"), (await follower).Select(line => System.Text.Encoding.UTF8.GetString(line.Data.Span)));
        }
        finally
        {
            await fixture.RemoveAsync(plan.TaskId);
        }
    }
}
