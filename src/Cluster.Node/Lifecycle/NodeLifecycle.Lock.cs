using System.Collections.Immutable;
using System.Security.Cryptography;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Node.Keys;
using Cluster.Node.Roles;

namespace Cluster.Node.Lifecycle;

/// <summary>
/// How the keys are sealed follows what the cluster's row says (autolock, and the generation of its unlock key): both are compared, and when
/// they differ the store is sealed anew. A lock brings a new data key for log and snapshots in the same write; older ones stay in the store
/// until no file needs them.
/// </summary>
internal sealed partial class NodeLifecycle
{
    private static readonly TimeSpan FirstLockRetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Each try writes a snapshot; what keeps an old file on the disk may be an entry that only further changes push out.</summary>
    private static readonly TimeSpan LongestLockRetryDelay = TimeSpan.FromMinutes(5);

    /// <summary>Opens the keys and starts the roles, as at a start of the daemon. A key that is not the right one changes nothing.</summary>
    public async Task<Refusal?> UnlockAsync(ReadOnlyMemory<byte> unlockKey, CancellationToken ct)
    {
        if (!await _gate.WaitAsync(TimeSpan.Zero, ct)) return Busy;
        try
        {
            if (_status.State != LifecycleState.Locked) return Refusal.FailedPrecondition("this node is not locked");
            if (!_keyStore.TryUnlock(unlockKey.Span))
            {
                return new Refusal(
                    RefusalKind.PermissionDenied,
                    "this is not the unlock key that this node was locked with; if the key was rotated while this node was down, it is the one from before");
            }

            // Not given up half-way when the caller goes.
            await ResumeRolesAsync(CancellationToken.None);
            return null;
        }
        catch (Exception e) // whatever a role's start may throw
        {
            LogResumeFailed(logger, e);
            _status = _status with { State = LifecycleState.Error, Error = e.Message };
            return Refusal.FailedPrecondition($"this node is unlocked, but its roles could not be started: {e.Message}");
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task FollowLockAsync(ActiveNode active)
    {
        CancellationToken ct = active.Ending;
        Task wanted = active.LockWantedAsync(ct);
        TimeSpan delay = FirstLockRetryDelay;
        while (!ct.IsCancellationRequested)
        {
            bool isDone = await TryFollowLockAsync(active, ct);
            if (wanted.IsCompleted)
            {
                (wanted, delay) = (active.LockWantedAsync(ct), FirstLockRetryDelay);
                continue;
            }

            await Task.WhenAny(wanted, Task.Delay(isDone ? Timeout.InfiniteTimeSpan : delay, timeProvider, ct));
            delay = delay * 2 < LongestLockRetryDelay ? delay * 2 : LongestLockRetryDelay;
        }
    }

    /// <summary>False: to be tried again.</summary>
    private async Task<bool> TryFollowLockAsync(ActiveNode active, CancellationToken ct)
    {
        try
        {
            await UnderGateAsync(() => TakeLock(active), ct);
            if (active.Keys.Manager is not { OlderDataKeys.IsEmpty: false } || active.Manager is not { } manager) return true;

            // May take long with a large state, so a wish to leave need not wait for it.
            await manager.SaveSnapshotAsync(ct);
            await UnderGateAsync(() => ForgetDataKeys(active), ct);
            return active.Keys.Manager is not { OlderDataKeys.IsEmpty: false };
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) // a full disk, a role that ends: the keys are as they were, or as they are to be
        {
            LogSealingFailed(logger, e);
            return false;
        }
    }

    private void TakeLock(ActiveNode active)
    {
        if (active.WantedLock is not { } wanted || active.Keys.Manager is not { } manager || active.Manager is not { } role || wanted.Generation <= manager.LockGeneration) return;
        ManagerKeys next = manager with { LockGeneration = wanted.Generation };

        // What was sealed while the keys lay open, or under a key that somebody may have, is not to be read with what is found on the disk.
        if (wanted.IsLocked) next = next with { DataKey = [.. RandomNumberGenerator.GetBytes(32)], OlderDataKeys = [manager.DataKey, .. manager.OlderDataKeys] };
        Store(active, keys => keys with { Manager = next }, wanted);
        if (wanted.IsLocked) role.UseDataKey(next.DataKey);
        LogSealed(logger, wanted.IsLocked, wanted.Generation);
    }

    private void ForgetDataKeys(ActiveNode active)
    {
        if (active.Keys.Manager is not { } manager || active.Manager is not { } role) return;
        ImmutableArray<ImmutableArray<byte>> needed = [.. manager.OlderDataKeys.Where(role.NeedsDataKey)];
        if (needed.Length == manager.OlderDataKeys.Length) return;
        Store(active, keys => keys with { Manager = manager with { OlderDataKeys = needed } });
        LogForgotten(logger, manager.OlderDataKeys.Length - needed.Length);
    }

    /// <summary>One change of life at a time.</summary>
    private async Task UnderGateAsync(Action change, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            change();
        }
        finally
        {
            _gate.Release();
        }
    }
}
