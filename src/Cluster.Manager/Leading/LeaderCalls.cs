using Cluster.Manager.Hosting;
using Cluster.Manager.Peers;
using Cluster.Raft;
using Grpc.Core;

namespace Cluster.Manager.Leading;

/// <summary>
/// Brings a call to whichever manager leads, this one or another, and tries again while leadership moves. It is only for calls that may be
/// made twice with the effect of once (<see cref="LeaderMethods"/>). Thread-safe.
/// </summary>
internal sealed class LeaderCalls(Observed<Leadership> leadership, Func<MemberId, string?> addressOf, ManagerChannels channels, TimeProvider timeProvider)
{
    /// <summary>Longer than elections take; shorter than callers wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <param name="remote">The call on the manager that leads.</param>
    /// <param name="local">The same on this one, for when it leads; a status of Unavailable says that it does not any more.</param>
    /// <param name="mayForward">False for a call that another manager has handed on already.</param>
    public async Task<TResponse> CallAsync<TResponse>(
        Func<CallInvoker, AsyncUnaryCall<TResponse>> remote, Func<CancellationToken, Task<TResponse>> local, bool mayForward, CancellationToken ct)
    {
        using CancellationTokenSource patience = new(Patience, timeProvider);
        using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        string failure = NoLeaderException.Text;
        try
        {
            while (true)
            {
                Task moved = leadership.NextAsync(giveUp.Token);
                Leadership now = leadership.Current;
                try
                {
                    if (now.IsHere) return await local(giveUp.Token);
                    if (!mayForward) throw new RpcException(new Status(StatusCode.Unavailable, "this manager does not lead the cluster (any more)"));
                    if (!now.Leader.IsNone && addressOf(now.Leader) is { } address)
                    {
                        using AsyncUnaryCall<TResponse> call = remote(channels.To(address).CreateCallInvoker());
                        return await call.ResponseAsync.WaitAsync(giveUp.Token);
                    }
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && mayForward)
                {
                    failure = e.Status.Detail;
                }

                await Task.WhenAny(moved, Task.Delay(RetryDelay, timeProvider, giveUp.Token));
                giveUp.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } && patience.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, failure));
        }
    }
}
