using System.Threading.Channels;
using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Agent.State;
using Cluster.Agent.Tasks;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Time;

namespace Cluster.Agent.Hosting;

/// <summary>
/// The agent at work: one loop owns the <see cref="AgentCore"/> and its state file; operations, the session and log readers run beside
/// it and post events. What an event changes is durable before anything is done or said because of it. Ending it leaves containers running.
/// </summary>
public sealed partial class AgentHost(AgentHostOptions options)
{
    private const int InputLimit = 1024;

    /// <summary>Inputs that are handled before their changes are stored together.</summary>
    private const int BatchLimit = 256;

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);

    private readonly Channel<LoopInput> _inputs = Channel.CreateBounded<LoopInput>(new BoundedChannelOptions(InputLimit) { SingleReader = true });
    private volatile SessionPump? _sessions;

    /// <summary>The address of the manager that serves this node now; null: none does.</summary>
    public string? ConnectedManager => _sessions?.Manager;

    /// <summary>Runs until the token is cancelled, which ends it with <see cref="OperationCanceledException"/>. Once only.</summary>
    /// <exception cref="NodeRefusedException">The managers do not accept this node any more.</exception>
    /// <exception cref="AgentStateException">The state file is of another program version, cluster or node.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        NodeDescription description = options.Describe();
        using AgentStateFile file = AgentStateFile.Open(options.StatePath, new AgentStateIdentity(options.ClusterId, options.NodeId));
        if (file.Damage is not null) LogStateDamaged(options.Logger, options.StatePath, file.Damage);
        AgentCore core = new(
            new AgentCoreOptions
            {
                NodeId = options.NodeId,
                Hostname = description.Hostname,
                Os = description.Os,
                Architecture = description.Architecture,
                ParallelStarts = options.ParallelStarts,
            },
            file.Loaded);
        LogStarted(options.Logger, options.NodeId, file.Loaded.Tasks.Length, file.Loaded.Version);
        using CancellationTokenSource stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        OperationRunner operations = new(options, PostAsync, stopping.Token);
        SessionPump sessions = new(options, PostAsync, HelloAsync);
        _sessions = sessions;
        List<Task> parts =
        [
            Task.Run(() => RunLoopAsync(core, file, operations, sessions, stopping.Token), CancellationToken.None),
            Task.Run(() => sessions.RunAsync(stopping.Token), CancellationToken.None),
        ];
        Task listing = Task.Run(() => ListMachineAsync(stopping.Token), CancellationToken.None);
        Task first = await Task.WhenAny(parts);
        await stopping.CancelAsync();
        await Task.WhenAll(parts.Append(listing).Select(ObserveAsync));
        await operations.DrainAsync();
        _sessions = null;
        await first; // its exception, or the cancellation, is how this ends
    }

    /// <summary>The tasks of which this node may hold anything with good reason. Only while <see cref="RunAsync"/> runs.</summary>
    public async Task<IReadOnlyList<TaskId>> ListOwnedAsync(CancellationToken ct)
    {
        TaskCompletionSource<IReadOnlyList<TaskId>> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _inputs.Writer.WriteAsync(new LoopInput.OwnedWanted(answer), ct);
        return await answer.Task.WaitAsync(ct);
    }

    private async Task<SessionHello> HelloAsync(NodeDescription description, CancellationToken ct)
    {
        TaskCompletionSource<SessionHello> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _inputs.Writer.WriteAsync(new LoopInput.HelloWanted(description, answer), ct);
        return await answer.Task.WaitAsync(ct);
    }

    private async Task PostAsync(AgentEvent happened, CancellationToken ct) => await _inputs.Writer.WriteAsync(new LoopInput.Happened(happened), ct);

    private async Task RunLoopAsync(AgentCore core, AgentStateFile file, OperationRunner operations, SessionPump sessions, CancellationToken ct)
    {
        AgentClock clock = new(options.TimeProvider);
        List<AgentStateChange> changes = [];
        List<AgentEffect> effects = [];
        while (true)
        {
            await WaitForInputAsync(core.NextWake, clock, ct);
            Take(core.Handle(AgentEvent.TimeElapsed.Instance, clock.Now()), changes, effects);
            for (int i = 0; i < BatchLimit && _inputs.Reader.TryRead(out LoopInput? input); i++)
            {
                if (Answer(input, core) is not { } happened) continue;
                if (happened is AgentEvent.OperationEnded ended) operations.Ended(ended.OperationId);
                Take(core.Handle(happened, clock.Now()), changes, effects);
            }

            await StoreAsync(file, changes, ct);
            foreach (AgentEffect effect in effects) Perform(effect, operations, sessions);
            changes.Clear();
            effects.Clear();
        }
    }

    private static void Take(AgentStep step, List<AgentStateChange> changes, List<AgentEffect> effects)
    {
        changes.AddRange(step.Changes);
        effects.AddRange(step.Effects);
    }

    private static AgentEvent? Answer(LoopInput input, AgentCore core)
    {
        switch (input)
        {
            case LoopInput.Happened happened:
                return happened.Event;
            case LoopInput.HelloWanted wanted:
                wanted.Answer.TrySetResult(core.Hello(wanted.Description));
                return null;
            case LoopInput.OwnedWanted wanted:
                wanted.Answer.TrySetResult(core.Owned);
                return null;
            default:
                return null;
        }
    }

    private static void Perform(AgentEffect effect, OperationRunner operations, SessionPump sessions)
    {
        switch (effect)
        {
            case AgentEffect.StartOperation start:
                operations.Start(start);
                break;
            case AgentEffect.CancelOperation cancel:
                operations.Cancel(cancel.OperationId);
                break;
            case AgentEffect.ReconcileNetworks reconcile:
                operations.Reconcile(reconcile.Wanted);
                break;
            case AgentEffect.Send send:
                sessions.Send(send.Session, send.Message);
                break;
            case AgentEffect.CloseSession close:
                sessions.Close(close.Session, close.Reason);
                break;
        }
    }

    /// <summary>Nothing goes on before the changes are durable: a full disk halts the agent, not the containers.</summary>
    private async Task StoreAsync(AgentStateFile file, List<AgentStateChange> changes, CancellationToken ct)
    {
        for (bool isRepeated = false; ; isRepeated = true)
        {
            try
            {
                if (isRepeated) file.Flush();
                else file.Append(changes);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogNotStored(options.Logger, options.StatePath, e.Message);
            }

            await Task.Delay(RetryPeriod, options.TimeProvider, ct);
        }
    }

    private async Task WaitForInputAsync(ClusterTime? wake, AgentClock clock, CancellationToken ct)
    {
        if (wake is not { } at)
        {
            await _inputs.Reader.WaitToReadAsync(ct);
            return;
        }

        // Timers count in milliseconds: rounded up, so that the loop does not spin before the time has come.
        TimeSpan delay = TimeSpan.FromMilliseconds(Math.Ceiling((at - clock.Now()).TotalMilliseconds));
        if (delay <= TimeSpan.Zero) return;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task timer = Task.Delay(delay < RetryPeriod ? delay : RetryPeriod, options.TimeProvider, either.Token);
        await Task.WhenAny(_inputs.Reader.WaitToReadAsync(either.Token).AsTask(), timer);
        await either.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    private async Task ListMachineAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await PostAsync(new AgentEvent.MachineListed(await options.Runtime.ListAsync(ct)), ct);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogNotListed(options.Logger, e.Message);
            }

            await Task.Delay(RetryPeriod, options.TimeProvider, ct);
        }
    }

    private static async Task ObserveAsync(Task part)
    {
        try
        {
            await part;
        }
        catch (Exception)
        {
            // How RunAsync ends is decided by the part that ended first.
        }
    }
}
