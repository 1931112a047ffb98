using Cluster.Model;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Node.Certificates;
using Cluster.Node.Keys;

namespace Cluster.Node.Lifecycle;

/// <summary>The certificate, renewed in time, and the role that it is for.</summary>
internal sealed partial class NodeLifecycle
{
    private static readonly TimeSpan ShortestRetryDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(1);

    /// <summary>The longest that a timer is set for: a clock that is put right meanwhile is noticed.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>
    /// Renews the certificate in time, and at once when the cluster wants this node in another role or has other roots: the new certificate brings
    /// both. Tries again later and later, sooner when there is news.
    /// </summary>
    private async Task FollowIdentityAsync(ActiveNode active)
    {
        CancellationToken ct = active.Ending;
        DateTime due = NextRenewal(active);
        Task wanted = active.IdentityWantedAsync(ct);
        TimeSpan delay = ShortestRetryDelay;
        while (!ct.IsCancellationRequested)
        {
            if (wanted.IsCompleted) wanted = active.IdentityWantedAsync(ct);
            TimeSpan wait = active.WantsRenewal ? TimeSpan.Zero : due - timeProvider.GetUtcNow().UtcDateTime;
            if (wait > TimeSpan.Zero)
            {
                await Task.WhenAny(wanted, Task.Delay(wait < LongestWait ? wait : LongestWait, timeProvider, ct));
                continue;
            }

            if (await TryRenewAsync(active, ct))
            {
                (due, delay) = (NextRenewal(active), ShortestRetryDelay);
                continue;
            }

            object? before = active.Wanted;
            await Task.WhenAny(Task.Delay(delay, timeProvider, ct));
            delay = !Equals(before, active.Wanted) ? ShortestRetryDelay : delay * 2 < LongestRetryDelay ? delay * 2 : LongestRetryDelay;
        }
    }

    private DateTime NextRenewal(ActiveNode active) => RenewalTime.Of(active.Credentials.NotBeforeUtc, active.Credentials.NotAfterUtc, random.NextDouble());

    /// <summary>False: to be tried again.</summary>
    private async Task<bool> TryRenewAsync(ActiveNode active, CancellationToken ct)
    {
        try
        {
            // Asking may take long, and nothing has changed yet: a wish to leave need not wait for it.
            object? wish = active.Wanted;
            Result<IssuedIdentity> issued = await new RenewalClient(timeProvider).RenewAsync(active.Keys, active.Credentials, active.Agent?.ConnectedManager, ct);
            if (issued.Refusal is { } refusal)
            {
                LogNotRenewed(logger, refusal.Message);
                return false;
            }

            await _gate.WaitAsync(ct);
            try
            {
                await TakeAsync(active, issued.Value, ct);
                active.Renewed(wish);
                return !active.WantsRenewal;
            }
            finally
            {
                _gate.Release();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) // whatever a role's start may throw: the node goes on as it was, and tries again
        {
            LogIdentityFailed(logger, e);
            return false;
        }
    }

    private async Task TakeAsync(ActiveNode active, IssuedIdentity issued, CancellationToken ct)
    {
        // What others will show is believed, and known after a restart too, before anything is done with the certificate that goes with it.
        if (issued.Roots.Generation != active.Keys.RootGeneration || !issued.Roots.Digest.AsSpan().SequenceEqual(TrustedRoots.DigestOf(active.Keys.RootsDer).AsSpan()))
        {
            Adopt(active, active.Keys.Believing(issued.Roots));
        }

        NodeKeys keys = active.Keys with
        {
            Role = issued.Identity.Role,
            CertificateChainDer = issued.CertificateChainDer,
            Managers = issued.Managers.IsEmpty ? active.Keys.Managers : issued.Managers,
        };
        if (keys.Role == NodeRole.Manager && active.Keys.Manager is { } member && IsGivenUp(member, issued))
        {
            LogGivenUp(logger, member.RaftMemberId);
            await DemoteAsync(active, keys with { Role = NodeRole.Worker, CertificateChainDer = active.Keys.CertificateChainDer });
            keys = keys with { Manager = null };
        }

        if (keys.Role == active.Keys.Role) Adopt(active, keys);
        else if (keys.Role == NodeRole.Manager) await PromoteAsync(active, keys, issued.Incarnation, ct);
        else await DemoteAsync(active, keys);
        LogRenewed(logger, keys.Role, active.Credentials.NotAfterUtc);
    }

    /// <summary>
    /// The cluster does not take this manager for the member that it is: it was demoted, and promoted again before it noticed, and as a new member it
    /// has to begin anew. The same for one of another history.
    /// </summary>
    private static bool IsGivenUp(ManagerKeys member, IssuedIdentity issued) =>
        issued.Incarnation > member.Incarnation || (issued.RaftMemberId is { } known && (known != member.RaftMemberId || issued.Incarnation != member.Incarnation));

    /// <summary>Stored when this manager counts for the quorum: until then a restart finds a worker that is promoted anew.</summary>
    private async Task PromoteAsync(ActiveNode active, NodeKeys keys, ulong incarnation, CancellationToken ct)
    {
        string listen = keys.ListenAddress.Length > 0 ? keys.ListenAddress : NodeAddresses.DefaultListen;
        Result<string> advertise = await NodeAddresses.AdvertiseTowardsAsync(keys.AdvertiseAddress, listen, keys.Managers[0], ct);
        if (advertise.Refusal is { } refusal) throw new InvalidOperationException($"this node cannot become a manager: {refusal.Message}");
        keys = keys with { ListenAddress = listen, AdvertiseAddress = advertise.Value, Manager = NewManagerKeys(NewMemberId(), incarnation) };
        DeleteLog();
        active.Credentials.Replace(keys);
        await StartManagerAsync(active, keys, foundation: null, keys.Managers, ct);

        // The list of managers has changed by this one meanwhile.
        Adopt(active, keys with { Managers = active.Keys.Managers });
    }

    /// <summary>Stored first: this member was removed from the group and must never speak for it again.</summary>
    private async Task DemoteAsync(ActiveNode active, NodeKeys keys)
    {
        Adopt(active, keys with { Manager = null }, ClusterLock.Open);
        if (active.Manager is { } manager)
        {
            active.Manager = null;
            await manager.DisposeAsync();
        }

        DeleteLog();
    }
}
