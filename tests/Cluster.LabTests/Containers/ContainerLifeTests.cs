using Cluster.Agent.Runtime;
using Cluster.LabTests.Labs;
using Cluster.Model.Specs;
using Xunit;

namespace Cluster.LabTests.Containers;

[Collection(EngineCollection.Name)]
public sealed class ContainerLifeTests(EngineFixture fixture)
{
    private static CancellationToken Ct => EngineFixture.Ct;

    private IContainerRuntime Runtime => fixture.Runtime;

    [Fact]
    public async Task Runs_a_command_to_its_end_and_keeps_its_output()
    {
        (ContainerExit exit, string stdout, string stderr) = await fixture.RunAsync(EngineFixture.Plan("sh", "-c", "echo out; echo err >&2; printf rest; exit 7"));
        Assert.Equal(7, exit.ExitCode);
        Assert.False(exit.OutOfMemory);
        Assert.Equal("out\nrest\n", stdout);
        Assert.Equal("err\n", stderr);
    }

    [Fact]
    public async Task Every_step_can_be_repeated()
    {
        ContainerPlan plan = EngineFixture.Plan("sleep", "1000");
        try
        {
            await Runtime.PrepareAsync(plan, Ct);
            await Runtime.PrepareAsync(plan, Ct);
            Assert.Equal(RuntimeTaskState.Created, await StateAsync(plan));
            int pid = await Runtime.StartAsync(plan.TaskId, Ct);
            Assert.Equal(pid, await Runtime.StartAsync(plan.TaskId, Ct));
            await Runtime.PrepareAsync(plan, Ct);
            Assert.Equal(RuntimeTaskState.Running, await StateAsync(plan));
            await Runtime.StopAsync(plan.TaskId, new StopOptions(null, TimeSpan.Zero), Ct);
            await Runtime.StopAsync(plan.TaskId, new StopOptions(null, TimeSpan.Zero), Ct);
            Assert.Equal(137, (await Runtime.WaitAsync(plan.TaskId, Ct)).ExitCode);
            Assert.Equal(137, (await Runtime.WaitAsync(plan.TaskId, Ct)).ExitCode);
            await Runtime.RemoveAsync(plan.TaskId, Ct);
            await Runtime.RemoveAsync(plan.TaskId, Ct);
            Assert.Equal(RuntimeTaskState.Absent, await StateAsync(plan));
            await Runtime.RemoveLogsAsync(plan.TaskId, Ct);
            await Runtime.RemoveLogsAsync(plan.TaskId, Ct);
            Assert.DoesNotContain(await Runtime.ListAsync(Ct), task => task.TaskId == plan.TaskId);
        }
        finally
        {
            await fixture.RemoveAsync(plan.TaskId);
        }
    }

    [Fact]
    public async Task Leaves_nothing_behind()
    {
        ContainerPlan plan = EngineFixture.Plan(new ContainerSpec
        {
            Image = "lab/busybox:1",
            Args = ["sleep", "1000"],
            Mounts = [new Mount { Type = Model.States.MountType.Volume, Target = "/data" }],
        });
        await Runtime.PrepareAsync(plan, Ct);
        await Runtime.StartAsync(plan.TaskId, Ct);
        await fixture.RemoveAsync(plan.TaskId);
        string id = plan.TaskId.ToString();
        Assert.DoesNotContain(await File.ReadAllLinesAsync("/proc/self/mounts", Ct), line => line.Contains(id, StringComparison.Ordinal));
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", id, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 }));
        foreach (string root in (string[])[fixture.Options.StateDirectory, fixture.Options.RunDirectory])
        {
            Assert.Empty(Directory.GetFileSystemEntries(root, "*" + id + "*", SearchOption.AllDirectories));
        }
    }

    [Fact]
    public async Task Stops_with_the_signal_and_kills_after_the_grace()
    {
        const string script = "trap 'echo got it; exit 3' USR1; trap '' TERM; echo ready; while true; do sleep 0.1; done";
        foreach ((string signal, TimeSpan grace, int code) in ((string, TimeSpan, int)[])[("SIGUSR1", TimeSpan.FromMinutes(1), 3), ("TERM", TimeSpan.FromMilliseconds(100), 137)])
        {
            ContainerPlan plan = EngineFixture.Plan("sh", "-c", script);
            try
            {
                await Runtime.PrepareAsync(plan, Ct);
                await Runtime.StartAsync(plan.TaskId, Ct);
                await SaysAsync(plan, "ready");
                await Runtime.StopAsync(plan.TaskId, new StopOptions(signal, grace), Ct);
                Assert.Equal(code, (await Runtime.WaitAsync(plan.TaskId, Ct)).ExitCode);
            }
            finally
            {
                await fixture.RemoveAsync(plan.TaskId);
            }
        }
    }

    [Fact]
    public async Task Says_that_the_memory_limit_killed_it()
    {
        ContainerPlan plan = EngineFixture.Plan("sh", "-c", "exec tail /dev/zero") with
        {
            Resources = new ResourceRequirements { Limits = new Resources(0, 16 << 20) },
        };
        (ContainerExit exit, _, _) = await fixture.RunAsync(plan);
        Assert.Equal(137, exit.ExitCode);
        Assert.True(exit.OutOfMemory);
    }

    [Theory]
    [InlineData("lab/none:1", null, "No such image: lab/none:1")]
    [InlineData("lab/busybox:1", "nobody-here", "unable to find user nobody-here")]
    public async Task Refuses_for_good_what_is_the_tasks_fault(string image, string? user, string message)
    {
        ContainerPlan plan = EngineFixture.Plan(new ContainerSpec { Image = image, Args = ["true"], User = user });
        RuntimeException error = await Assert.ThrowsAsync<RuntimeException>(() => fixture.RunAsync(plan));
        Assert.False(error.IsTemporary);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_missing_program_and_a_missing_bind_source()
    {
        RuntimeException error = await Assert.ThrowsAsync<RuntimeException>(() => fixture.RunAsync(EngineFixture.Plan("/no/such/program")));
        Assert.False(error.IsTemporary);
        Assert.StartsWith("exec: \"/no/such/program\"", error.Message, StringComparison.Ordinal);

        Mount bind = new() { Type = Model.States.MountType.Bind, Source = "/no/such/source", Target = "/x" };
        error = await Assert.ThrowsAsync<RuntimeException>(() => fixture.RunAsync(EngineFixture.Plan(new ContainerSpec { Image = "lab/busybox:1", Mounts = [bind] })));
        Assert.False(error.IsTemporary);
        Assert.Contains("bind source path does not exist: /no/such/source", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_agent_takes_up_running_and_ended_containers()
    {
        ContainerPlan running = EngineFixture.Plan("sh", "-c", "echo before; sleep 1000"), ended = EngineFixture.Plan("sh", "-c", "exit 9");
        try
        {
            foreach (ContainerPlan plan in (ContainerPlan[])[running, ended])
            {
                await Runtime.PrepareAsync(plan, Ct);
                await Runtime.StartAsync(plan.TaskId, Ct);
            }

            await SaysAsync(running, "before");
            int pid = await Runtime.StartAsync(running.TaskId, Ct);
            await Runtime.WaitAsync(ended.TaskId, Ct);
            await fixture.RestartAgentAsync();

            Assert.Equal(pid, await Runtime.StartAsync(running.TaskId, Ct));
            RuntimeTask stopped = Assert.Single(await Runtime.ListAsync(Ct), task => task.TaskId == ended.TaskId);
            Assert.Equal((RuntimeTaskState.Stopped, 9), (stopped.State, stopped.ExitCode));
            Assert.Equal(9, (await Runtime.WaitAsync(ended.TaskId, Ct)).ExitCode);
            Assert.Equal("before\n", EngineFixture.Text(await fixture.LinesAsync(running.TaskId, LogQuery.All), ContainerStream.Stdout));
        }
        finally
        {
            await fixture.RemoveAsync(running.TaskId);
            await fixture.RemoveAsync(ended.TaskId);
        }
    }

    [Fact]
    public async Task Removes_what_an_interrupted_preparation_left()
    {
        ContainerPlan plan = EngineFixture.Plan(new ContainerSpec { Image = "lab/busybox:1", Args = ["/no/such/program"] });
        await Assert.ThrowsAsync<RuntimeException>(() => Runtime.PrepareAsync(plan, Ct));
        Assert.Equal(RuntimeTaskState.Absent, await StateAsync(plan));
        ContainerPlan repaired = plan with { Container = plan.Container with { Args = ["true"] } };
        await Runtime.PrepareAsync(repaired, Ct);
        Assert.Equal(RuntimeTaskState.Created, await StateAsync(plan));
        await fixture.RemoveAsync(plan.TaskId);
        Assert.DoesNotContain(await Runtime.ListAsync(Ct), task => task.TaskId == plan.TaskId);
    }

    private async Task<RuntimeTaskState> StateAsync(ContainerPlan plan) => Assert.Single(await Runtime.ListAsync(Ct), task => task.TaskId == plan.TaskId).State;

    private Task SaysAsync(ContainerPlan plan, string line) => Eventually.HoldsAsync(
        $"the container says '{line}'", TimeSpan.FromMinutes(1),
        async _ => EngineFixture.Text(await fixture.LinesAsync(plan.TaskId, LogQuery.All), ContainerStream.Stdout).Contains(line, StringComparison.Ordinal) ? null : "it has not", Ct);
}
