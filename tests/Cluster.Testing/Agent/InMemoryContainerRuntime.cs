using System.Runtime.CompilerServices;
using Cluster.Agent.Runtime;
using Cluster.Model.Ids;

namespace Cluster.Testing.Agent;

/// <summary>
/// <see cref="IContainerRuntime"/> on a <see cref="SimulatedMachine"/>, for tests of asynchronous shells. A container whose command is
/// <c>exit N</c> ends at once with that code; <c>print TEXT</c> logs the text and goes on; every other one runs until it is stopped.
/// Safe for any thread.
/// </summary>
public sealed class InMemoryContainerRuntime(SimulatedMachine machine, TimeProvider timeProvider) : IContainerRuntime
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = New();

    /// <summary>Called before every operation with its name and task; what it throws, the operation throws, and while it waits, it waits.</summary>
    public Func<string, TaskId, CancellationToken, Task>? Interfere { get; set; }

    /// <summary>After every change, under the lock.</summary>
    public event Action? Changed;

    public async Task PrepareAsync(ContainerPlan plan, CancellationToken ct)
    {
        await BeginAsync("prepare", plan.TaskId, ct);
        Change(() => machine.Prepare(plan));
    }

    public async Task<int> StartAsync(TaskId taskId, CancellationToken ct)
    {
        await BeginAsync("start", taskId, ct);
        int pid = 0;
        Change(() =>
        {
            bool isFirst = machine.Containers.TryGetValue(taskId, out SimulatedContainer? container) && container.State == RuntimeTaskState.Created;
            pid = machine.Start(taskId);
            if (isFirst) Run(container!);
        });
        return pid;
    }

    public async Task<ContainerExit> WaitAsync(TaskId taskId, CancellationToken ct)
    {
        await BeginAsync("wait", taskId, ct);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (machine.ExitOf(taskId) is { } exit) return exit;
                changed = _changed.Task;
            }

            await changed.WaitAsync(ct);
        }
    }

    public async Task StopAsync(TaskId taskId, StopOptions options, CancellationToken ct)
    {
        await BeginAsync("stop", taskId, ct);
        Change(() => machine.End(taskId, new ContainerExit(143, timeProvider.GetUtcNow(), OutOfMemory: false)));
    }

    public async Task RemoveAsync(TaskId taskId, CancellationToken ct)
    {
        await BeginAsync("remove", taskId, ct);
        Change(() => machine.Remove(taskId, timeProvider.GetUtcNow()));
    }

    public async Task RemoveLogsAsync(TaskId taskId, CancellationToken ct)
    {
        await BeginAsync("remove logs", taskId, ct);
        Change(() => machine.RemoveLogs(taskId));
    }

    public async Task<IReadOnlyList<RuntimeTask>> ListAsync(CancellationToken ct)
    {
        await BeginAsync("list", default, ct);
        lock (_lock) return machine.List();
    }

    public async IAsyncEnumerable<ContainerLogLine> ReadLogsAsync(TaskId taskId, LogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        int next = 0;
        bool isFirst = true;
        while (true)
        {
            ContainerLogLine[] lines;
            Task changed;
            bool isOver;
            lock (_lock)
            {
                IReadOnlyList<ContainerLogLine> log = machine.LogOf(taskId);
                if (isFirst && query.Tail >= 0) next = (int)Math.Max(0, log.Count - query.Tail);
                lines = [.. log.Skip(next)];
                (changed, isOver) = (_changed.Task, !query.Follow || !machine.Containers.ContainsKey(taskId));
            }

            (next, isFirst) = (next + lines.Length, false);
            foreach (ContainerLogLine line in lines)
            {
                if (query.Since is not { } since || line.At >= since) yield return line;
            }

            if (isOver) yield break;
            await changed.WaitAsync(ct);
        }
    }

    /// <summary>Looks at or changes the machine while no operation does.</summary>
    public void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Changed?.Invoke();
            _changed.TrySetResult();
            _changed = New();
        }
    }

    private async Task BeginAsync(string operation, TaskId taskId, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (Interfere is { } interfere) await interfere(operation, taskId, ct);
    }

    private void Run(SimulatedContainer container)
    {
        IReadOnlyList<string> command = container.Plan.Container.Command;
        if (command is ["exit", var code]) machine.End(container.Plan.TaskId, new ContainerExit(int.Parse(code, System.Globalization.CultureInfo.InvariantCulture), timeProvider.GetUtcNow(), false));
        if (command is ["print", var text]) machine.Log(container.Plan.TaskId, new ContainerLogLine(timeProvider.GetUtcNow(), ContainerStream.Stdout, System.Text.Encoding.UTF8.GetBytes(text)));
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
