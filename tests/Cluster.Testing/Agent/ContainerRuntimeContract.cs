using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.Testing.Agent;

/// <summary>
/// What the agent counts on of every <see cref="IContainerRuntime"/>: run on the in-memory one and on containerd. The containers come
/// from the caller, since the images differ. A broken rule is an <see cref="InvariantException"/>.
/// </summary>
/// <param name="runtime">The runtime under test; nothing else uses it meanwhile.</param>
/// <param name="sleeps">A container that runs until it is stopped.</param>
/// <param name="exits">A container that ends by itself with this code.</param>
/// <param name="prints">A container that writes this line to its standard output; it may end after that or not.</param>
public sealed class ContainerRuntimeContract(IContainerRuntime runtime, ContainerSpec sleeps, Func<int, ContainerSpec> exits, Func<string, ContainerSpec> prints)
{
    private static readonly StopOptions AtOnce = new(null, TimeSpan.Zero);

    /// <summary>The names of the rules, for a theory's data.</summary>
    public static IReadOnlyList<string> Rules { get; } =
    [
        nameof(Every_step_can_be_repeated), nameof(Steps_without_a_container_are_success_or_fatal), nameof(Exit_codes_are_given_as_often_as_asked),
        nameof(Waiting_can_be_cancelled_and_begun_again), nameof(What_was_never_started_can_be_stopped_and_removed), nameof(Removing_kills),
        nameof(The_list_says_what_is_there), nameof(Logs_outlive_the_container), nameof(Following_ends_with_the_container),
    ];

    /// <summary>Checks one rule with a task of its own, and removes the task.</summary>
    public async Task CheckAsync(string rule, TaskId taskId, CancellationToken ct)
    {
        try
        {
            await (rule switch
            {
                nameof(Every_step_can_be_repeated) => Every_step_can_be_repeated(taskId, ct),
                nameof(Steps_without_a_container_are_success_or_fatal) => Steps_without_a_container_are_success_or_fatal(taskId, ct),
                nameof(Exit_codes_are_given_as_often_as_asked) => Exit_codes_are_given_as_often_as_asked(taskId, ct),
                nameof(Waiting_can_be_cancelled_and_begun_again) => Waiting_can_be_cancelled_and_begun_again(taskId, ct),
                nameof(What_was_never_started_can_be_stopped_and_removed) => What_was_never_started_can_be_stopped_and_removed(taskId, ct),
                nameof(Removing_kills) => Removing_kills(taskId, ct),
                nameof(The_list_says_what_is_there) => The_list_says_what_is_there(taskId, ct),
                nameof(Logs_outlive_the_container) => Logs_outlive_the_container(taskId, ct),
                nameof(Following_ends_with_the_container) => Following_ends_with_the_container(taskId, ct),
                _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "is not a rule"),
            });
        }
        finally
        {
            await runtime.RemoveAsync(taskId, ct);
            await runtime.RemoveLogsAsync(taskId, ct);
        }

        Invariant.Check(await FindAsync(taskId, ct) is null, "nothing is left of the task");
    }

    private async Task Every_step_can_be_repeated(TaskId taskId, CancellationToken ct)
    {
        await runtime.PrepareAsync(Plan(taskId, sleeps), ct);
        await runtime.PrepareAsync(Plan(taskId, sleeps), ct);
        int pid = await runtime.StartAsync(taskId, ct);
        Invariant.Check(await runtime.StartAsync(taskId, ct) == pid, "a second start gives the pid of the first");
        await runtime.PrepareAsync(Plan(taskId, sleeps), ct);
        Invariant.Check(await StateAsync(taskId, ct) == RuntimeTaskState.Running, "preparing again does not disturb what runs");
        await runtime.StopAsync(taskId, AtOnce, ct);
        await runtime.StopAsync(taskId, AtOnce, ct);
        await runtime.RemoveAsync(taskId, ct);
        await runtime.RemoveAsync(taskId, ct);
        await runtime.RemoveLogsAsync(taskId, ct);
        await runtime.RemoveLogsAsync(taskId, ct);
    }

    private async Task Steps_without_a_container_are_success_or_fatal(TaskId taskId, CancellationToken ct)
    {
        await runtime.StopAsync(taskId, AtOnce, ct);
        await runtime.RemoveAsync(taskId, ct);
        await runtime.RemoveLogsAsync(taskId, ct);
        try
        {
            await runtime.StartAsync(taskId, ct);
        }
        catch (RuntimeException e)
        {
            Invariant.Check(!e.IsTemporary, "there is no use in starting again what is not there");
            return;
        }

        Invariant.Check(false, "what is not there cannot be started");
    }

    private async Task Exit_codes_are_given_as_often_as_asked(TaskId taskId, CancellationToken ct)
    {
        await RunAsync(taskId, exits(7), ct);
        for (int i = 0; i < 2; i++) Invariant.Check((await runtime.WaitAsync(taskId, ct)).ExitCode == 7, "the exit code is that of the process");
        RuntimeTask? found = await FindAsync(taskId, ct);
        Invariant.Check(found is { State: RuntimeTaskState.Stopped, ExitCode: 7 }, "the list has the exit code");
    }

    private async Task Waiting_can_be_cancelled_and_begun_again(TaskId taskId, CancellationToken ct)
    {
        await RunAsync(taskId, sleeps, ct);
        using (CancellationTokenSource leaving = CancellationTokenSource.CreateLinkedTokenSource(ct))
        {
            Task<ContainerExit> waiting = runtime.WaitAsync(taskId, leaving.Token);
            Invariant.Check(!waiting.IsCompleted, "it waits while the process runs");
            await leaving.CancelAsync();
            bool isCancelled = await IsCancelledAsync(waiting);
            Invariant.Check(isCancelled, "a cancelled wait ends as cancelled");
        }

        Task<ContainerExit> again = runtime.WaitAsync(taskId, ct);
        await runtime.StopAsync(taskId, AtOnce, ct);
        Invariant.Check((await again).ExitCode >= 128, "a stopped process was ended by a signal");
    }

    private async Task What_was_never_started_can_be_stopped_and_removed(TaskId taskId, CancellationToken ct)
    {
        await runtime.PrepareAsync(Plan(taskId, sleeps), ct);
        await runtime.StopAsync(taskId, AtOnce, ct);
        await runtime.RemoveAsync(taskId, ct);
    }

    private async Task Removing_kills(TaskId taskId, CancellationToken ct)
    {
        await RunAsync(taskId, sleeps, ct);
        await runtime.RemoveAsync(taskId, ct);
        Invariant.Check(await StateAsync(taskId, ct) == RuntimeTaskState.Absent, "no process is left");
    }

    private async Task The_list_says_what_is_there(TaskId taskId, CancellationToken ct)
    {
        Invariant.Check(await FindAsync(taskId, ct) is null, "nothing is there of a new task");
        await runtime.PrepareAsync(Plan(taskId, sleeps), ct);
        Invariant.Check(await StateAsync(taskId, ct) == RuntimeTaskState.Created, "prepared is created");
        int pid = await runtime.StartAsync(taskId, ct);
        Invariant.Check(await FindAsync(taskId, ct) is { State: RuntimeTaskState.Running } running && running.Pid == pid, "started is running, with its pid");
        await runtime.StopAsync(taskId, AtOnce, ct);
        Invariant.Check(await StateAsync(taskId, ct) == RuntimeTaskState.Stopped, "stopped is stopped");
    }

    private async Task Logs_outlive_the_container(TaskId taskId, CancellationToken ct)
    {
        await RunAsync(taskId, prints("hello"), ct);
        await FirstLineAsync(taskId, ct);
        await runtime.RemoveAsync(taskId, ct);
        Invariant.Check(await FirstLineAsync(taskId, ct) == "hello", "the line is there after the container has gone");
        Invariant.Check(await FindAsync(taskId, ct) is { State: RuntimeTaskState.Absent }, "a task of which only logs are left is listed");
    }

    private async Task Following_ends_with_the_container(TaskId taskId, CancellationToken ct)
    {
        await RunAsync(taskId, prints("hello"), ct);
        await FirstLineAsync(taskId, ct);
        Task<int> following = CountAsync(taskId, new LogQuery(Follow: true, -1, null), ct);
        await runtime.StopAsync(taskId, AtOnce, ct);
        await runtime.RemoveAsync(taskId, ct);
        Invariant.Check(await following == 1, "a follower sees the line once and comes to an end");
    }

    private async Task RunAsync(TaskId taskId, ContainerSpec container, CancellationToken ct)
    {
        await runtime.PrepareAsync(Plan(taskId, container), ct);
        await runtime.StartAsync(taskId, ct);
    }

    private async Task<string> FirstLineAsync(TaskId taskId, CancellationToken ct)
    {
        await foreach (ContainerLogLine line in runtime.ReadLogsAsync(taskId, new LogQuery(Follow: true, -1, null), ct))
        {
            return System.Text.Encoding.UTF8.GetString(line.Data.Span);
        }

        throw new InvariantException("the container printed nothing");
    }

    private async Task<int> CountAsync(TaskId taskId, LogQuery query, CancellationToken ct)
    {
        int count = 0;
        await foreach (ContainerLogLine _ in runtime.ReadLogsAsync(taskId, query, ct)) count++;
        return count;
    }

    private async Task<RuntimeTask?> FindAsync(TaskId taskId, CancellationToken ct) => (await runtime.ListAsync(ct)).SingleOrDefault(task => task.TaskId == taskId);

    private async Task<RuntimeTaskState?> StateAsync(TaskId taskId, CancellationToken ct) => (await FindAsync(taskId, ct))?.State;

    private static async Task<bool> IsCancelledAsync(Task task)
    {
        try
        {
            await task;
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static ContainerPlan Plan(TaskId taskId, ContainerSpec container) => new()
    {
        TaskId = taskId,
        ServiceId = new ServiceId(1),
        TaskName = $"contract.1.{taskId}",
        Container = container,
        Network = new NetworkSandbox(NetworkMode.None, null, [], []),
    };
}
