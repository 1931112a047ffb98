using Cluster.Api.Codec;
using Cluster.Model.Specs;
using Grpc.Core;

namespace Cluster.Agent.Sessions;

/// <summary>
/// Sessions over the cluster's own RPC. Cycles through the managers, follows the lists of managers that they send, and gives up only
/// when all of them refuse this node's certificate. One thread at a time uses it; list updates come from the session's reader.
/// </summary>
public sealed partial class DispatcherClient(DispatcherClientOptions options) : IDispatcherClient
{
    /// <summary>For connection, call and welcome together.</summary>
    private static readonly TimeSpan WelcomePatience = TimeSpan.FromSeconds(5);

    /// <summary>A session that ends sooner counts as a failed attempt, so that a broken manager is not called in a tight loop.</summary>
    private static readonly TimeSpan ShortSession = TimeSpan.FromSeconds(8);

    private readonly Lock _lock = new();
    private readonly ManagerRing _ring = new(options.Managers, options.Random);
    private long? _openedAt;

    /// <summary>The managers that would be tried now.</summary>
    public ValueList<string> Managers
    {
        get
        {
            lock (_lock) return _ring.Addresses;
        }
    }

    public async Task<IDispatcherSession> OpenAsync(SessionHello hello, CancellationToken ct)
    {
        int refusals = 0;
        if (TakeDelayAfterLastSession() is { } first) await Task.Delay(first, options.TimeProvider, ct);
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            string manager = CurrentManager();
            try
            {
                IDispatcherSession session = await TryOpenAsync(manager, hello, ct);
                _openedAt = options.TimeProvider.GetTimestamp();
                return session;
            }
            catch (RpcException e) when (!ct.IsCancellationRequested)
            {
                bool isRefusal = e.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied;
                refusals = isRefusal ? refusals + 1 : 0;
                if (refusals >= Managers.Count) throw Refused(manager, e);
                if (e.StatusCode == StatusCode.FailedPrecondition) options.RenewalWanted?.Invoke();
                LogAttemptFailed(options.Logger, manager, $"{e.StatusCode}: {e.Status.Detail}");
            }
            catch (Exception e) when (e is SessionLostException or CodecException or IOException or InvalidOperationException && !ct.IsCancellationRequested)
            {
                refusals = 0;
                LogAttemptFailed(options.Logger, manager, e.Message);
            }

            await Task.Delay(DelayAfterFailure(), options.TimeProvider, ct);
        }
    }

    private async Task<IDispatcherSession> TryOpenAsync(string manager, SessionHello hello, CancellationToken ct)
    {
        ChannelBase channel = options.OpenChannel(manager);
        CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        DispatcherSession session = new(manager, options.NodeId, channel, ending, hello, FollowManagers, (role, rootsDigest) => options.IdentityWanted?.Invoke(role, rootsDigest), options.TimeProvider);
        try
        {
            await session.OpenAsync(hello, WelcomePatience);
            options.IncarnationHeard?.Invoke(session.Welcome.Incarnation);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            ct.ThrowIfCancellationRequested();
            throw;
        }
    }

    private NodeRefusedException Refused(string manager, RpcException cause)
    {
        LogRefused(options.Logger, options.NodeId, manager, cause.Status.Detail);
        return new NodeRefusedException(
            $"every manager refuses the certificate of this node ({options.NodeId}): {cause.Status.Detail}. It was removed from the cluster, or its "
            + "certificate has expired: run 'cluster node leave' here and join again", cause);
    }

    private void FollowManagers(ValueList<string> addresses)
    {
        lock (_lock)
        {
            if (!_ring.Update(addresses)) return;
        }

        options.ManagersChanged?.Invoke(addresses);
    }

    private string CurrentManager()
    {
        lock (_lock) return _ring.Current;
    }

    private TimeSpan DelayAfterFailure()
    {
        lock (_lock) return _ring.Failed();
    }

    /// <summary>Null: there was no session yet. After a long one the next manager is tried soon, after a short one with growing delays.</summary>
    private TimeSpan? TakeDelayAfterLastSession()
    {
        if (_openedAt is not { } openedAt) return null;
        _openedAt = null;
        lock (_lock)
        {
            if (options.TimeProvider.GetElapsedTime(openedAt) >= ShortSession) _ring.Succeeded();
            return _ring.Failed();
        }
    }
}
