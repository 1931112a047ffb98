using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Cli.Services;
using Cluster.Model.Objects;
using Cluster.UnitTests.Cli.Fakes;
using Xunit;

namespace Cluster.UnitTests.Cli;

public sealed class ServiceProgressTests
{
    [Fact]
    public void Converges_when_every_slot_runs_the_current_template()
    {
        Assert.True(Progress(2, Task(1, 1, TaskState.Running), Task(2, 2, TaskState.Running)).IsConverged);
        Assert.False(Progress(2, Task(1, 1, TaskState.Running)).IsConverged);
        Assert.False(Progress(2, Task(1, 1, TaskState.Running), Task(2, 2, TaskState.Preparing)).IsConverged);
        Assert.False(Progress(1, Task(1, 1, TaskState.Running) with { Template = new Cluster.Model.Ids.TemplateId(9) }).IsConverged);
        Assert.True(Progress(0).IsConverged);
    }

    [Fact]
    public void Counts_only_the_newest_task_of_a_slot()
    {
        Assert.True(Progress(1, Task(1, 1, TaskState.Failed, TaskState.Shutdown), Task(2, 1, TaskState.Running)).IsConverged);
        Assert.False(Progress(1, Task(1, 1, TaskState.Running), Task(2, 1, TaskState.Ready, TaskState.Ready)).IsConverged);
    }

    [Fact]
    public void Is_not_there_while_what_is_not_wanted_still_runs()
    {
        Assert.False(Progress(1, Task(1, 1, TaskState.Running), Task(2, 2, TaskState.Running, TaskState.Remove)).IsConverged);
        Assert.False(Progress(1, Task(1, 1, TaskState.Running), Task(2, 2, TaskState.Running)).IsConverged);
        Assert.True(Progress(1, Task(1, 1, TaskState.Running), Task(2, 2, TaskState.Shutdown, TaskState.Shutdown)).IsConverged);
    }

    [Fact]
    public void Takes_an_ended_task_as_done_where_the_policy_does()
    {
        Service once = Records.Web(1);
        once.Spec.Restart = new RestartPolicy { Condition = RestartCondition.None };
        TaskRecord ended = Task(1, 1, TaskState.Complete, TaskState.Shutdown);
        Assert.True(new ServiceProgress(once.ToModel(), [ended]).IsConverged);
        Assert.False(Progress(1, ended).IsConverged);
    }

    [Fact]
    public void Ignores_changes_that_are_older_than_the_list()
    {
        TaskRecord running = Task(5, 1, TaskState.Running);
        ServiceProgress progress = Progress(1, running);
        progress.Put(running with { Meta = running.Meta with { Version = 3 }, Status = new() });
        Assert.True(progress.IsConverged);
        progress.Put(running with { Meta = running.Meta with { Version = 6 }, Status = new() });
        Assert.False(progress.IsConverged);
        progress.Delete(running.Id);
        Assert.Empty(progress.Slots());
    }

    [Fact]
    public void Redraws_on_a_terminal()
    {
        StringWriter screen = new();
        ProgressDisplay display = new(screen, isTerminal: true);
        display.Show(Progress(1, Task(1, 1, TaskState.Starting)));
        display.Show(Progress(1, Task(1, 1, TaskState.Running)));
        Assert.Contains("1/1: starting  [=================>   ]", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("\e[2A\e[2Koverall progress: 1 out of 1 tasks\n\e[2K1/1: running   [====================>]", screen.ToString(), StringComparison.Ordinal);
    }

    private static ServiceProgress Progress(int replicas, params TaskRecord[] tasks) => new(Records.Web(replicas).ToModel(), tasks);

    private static TaskRecord Task(int number, int slot, TaskState state, TaskState desired = TaskState.Running) => Records.Task(number, slot, state, desired).ToModel();
}
