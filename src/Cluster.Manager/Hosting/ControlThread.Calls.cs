using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Store;
using Cluster.Store.Sequencing;

namespace Cluster.Manager.Hosting;

/// <summary>What other threads ask for: to run something here, to read, to change.</summary>
internal sealed partial class ControlThread
{
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReadRetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs the action on the control thread. Waits when it is far behind.</summary>
    public ValueTask PostAsync(Action action, CancellationToken ct) => _work.Writer.WriteAsync(action, ct);

    /// <summary>The same for what comes again by itself: dropped when the loop is far behind.</summary>
    public void TryPost(Action action) => _work.Writer.TryWrite(action);

    /// <summary>
    /// The committed state with everything in it that was acknowledged anywhere before this call. Throws when there is no leader to confirm
    /// that: what this manager knows may be outdated then.
    /// </summary>
    public async Task<StoreSnapshot> ReadAsync(CancellationToken ct)
    {
        using CancellationTokenSource patience = new(ReadPatience, _timeProvider);
        using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            while (true)
            {
                Task moved = Leadership.NextAsync(giveUp.Token);
                TaskCompletionSource<bool> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
                await PostAsync(() => _reads.Add(isConfirmed => _answers.Add(() => answer.TrySetResult(isConfirmed))), giveUp.Token);
                if (await answer.Task.WaitAsync(giveUp.Token))
                {
                    _hasCaughtUp = true;
                    return Committed.Current;
                }

                await Task.WhenAny(moved, Task.Delay(ReadRetryDelay, _timeProvider, giveUp.Token));
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new NoLeaderException();
        }
    }

    /// <summary>What is committed and applied here, with the index that it stands for.</summary>
    public async Task<AppliedState> ReadAppliedAsync(CancellationToken ct)
    {
        TaskCompletionSource<AppliedState> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await PostAsync(() => answer.SetResult(new AppliedState(_appliedIndex, _logBytes, _replica.Committed)), ct);
        return await answer.Task.WaitAsync(ct);
    }

    /// <summary>Runs a command that may be repeated without harm; the result is that of a committed state. A refusal is the command's own; lost leadership throws.</summary>
    public Task<Result<T>> SubmitAsync<T>(string actor, Func<WorkingTransaction, Result<T>> command, CancellationToken ct) => AskAsync(actor, default, null, command, ct);

    /// <summary>The same for what must have one effect, however often it is asked for: a retry gets the first answer, if that was no refusal.</summary>
    public Task<Result<T>> SubmitAsync<T>(string actor, RequestId request, RequestKind<T> kind, Func<WorkingTransaction, Result<T>> command, CancellationToken ct) =>
        AskAsync(actor, request, kind, command, ct);

    /// <summary>Runs a command whose outcome nobody waits for: what is not written is found again by whoever submitted it. On the control thread.</summary>
    public void Submit(string actor, Action<WorkingTransaction> command) => _sequencer.Submit(new Submission
    {
        Actor = actor,
        Now = Now,
        Body = transaction =>
        {
            command(transaction);
            return null;
        },
        Completion = outcome =>
        {
            if (outcome.Fault is { } fault) LogCommandFailed(_logger, actor, fault);
        },
    });

    private async Task<Result<T>> AskAsync<T>(string actor, RequestId request, RequestKind<T>? kind, Func<WorkingTransaction, Result<T>> command, CancellationToken ct)
    {
        TaskCompletionSource<(SubmitOutcome Outcome, Result<T> Value)> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await PostAsync(
            () =>
            {
                Result<T> value = default;
                _sequencer.Submit(new Submission
                {
                    Actor = actor,
                    RequestId = request,
                    Operation = kind?.Operation ?? "",
                    Now = Now,
                    Body = transaction => (value = command(transaction)).Refusal,
                    Object = () => kind is null ? UInt128.Zero : kind.ObjectOf(value.Value),
                    Completion = outcome => _answers.Add(() => answer.SetResult(
                        (outcome, outcome.Repeated ? kind!.Again(_replica.Committed, outcome.Request!.ObjectId) : value))),
                });
            },
            ct);
        (SubmitOutcome outcome, Result<T> result) = await answer.Task.WaitAsync(ct);
        return outcome.Status switch
        {
            SubmitStatus.Committed => result,
            SubmitStatus.Refused => outcome.Refusal!,
            SubmitStatus.Faulted => throw new InvalidOperationException("a command failed", outcome.Fault),
            _ => throw new LeadershipLostException(outcome.Status == SubmitStatus.Unknown),
        };
    }
}
