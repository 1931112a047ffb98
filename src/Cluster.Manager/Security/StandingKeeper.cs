using Cluster.Manager.Hosting;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Manager.Security;

/// <summary>
/// Lets this manager's beliefs follow the committed rows: which roots vouch for whom, and that what goes on is judged again when a node was removed,
/// got another role or another key, or the roots have changed. Told on the control thread; judges on a loop of its own.
/// </summary>
internal sealed class StandingKeeper
{
    private readonly ControlThread _control;
    private readonly ClusterTrust _trust;
    private readonly SemaphoreSlim _changed = new(0, 1);

    public StandingKeeper(ControlThread control, ClusterTrust trust)
    {
        (_control, _trust) = (control, trust);
        FollowRoots(control.Committed.Current);
        control.BatchCommitted += Committed;
        control.Restored += restored => Changed(restored.State);
        control.LeadershipChanged += _ => Changed(control.Committed.Current);
    }

    /// <summary>Judges again whenever that may have another outcome.</summary>
    public async Task RunAsync(Action judgeAgain, CancellationToken ct)
    {
        while (true)
        {
            await _changed.WaitAsync(ct);
            judgeAgain();
        }
    }

    private void Committed(StoreSnapshot state, IReadOnlyList<Change> changes)
    {
        if (changes.Any(ChangesStanding)) Changed(state);
    }

    private void Changed(StoreSnapshot state)
    {
        FollowRoots(state);
        if (_changed.CurrentCount == 0) _changed.Release();
    }

    private static bool ChangesStanding(Change change) => change switch
    {
        { Before: NodeRecord, IsDeletion: true } => true,
        { Before: NodeRecord before, After: NodeRecord after } =>
            before.Spec.Role != after.Spec.Role || before.Manager?.RaftMemberId != after.Manager?.RaftMemberId
            || !before.Certificate.PublicKeyDigest.AsSpan().SequenceEqual(after.Certificate.PublicKeyDigest.AsSpan()),
        { After: ClusterRecord after } => (change.Before as ClusterRecord)?.RootGeneration != after.RootGeneration,
        _ => false,
    };

    /// <summary>A manager that has just started may know an older row than its own keys, which others have given it; a leader's row is the newest there is.</summary>
    private void FollowRoots(StoreSnapshot state)
    {
        if (state.Cluster is not { } cluster) return;
        TrustedRoots present = _trust.Roots;
        if (cluster.RootGeneration < present.Generation && !_control.IsLeading) return;
        TrustedRoots roots = TrustedRoots.Of(cluster);
        bool isSame = roots.Generation == present.Generation && roots.Former.Length == present.Former.Length && roots.Digest.AsSpan().SequenceEqual(present.Digest.AsSpan());
        if (!isSame) _trust.Replace(roots);
    }
}
