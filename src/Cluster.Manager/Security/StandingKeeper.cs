using System.Threading.Channels;
using Cluster.Manager.Hosting;
using Cluster.Model.Certificates;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Manager.Security;

/// <summary>
/// Lets this manager's beliefs follow the committed rows: which roots vouch for whom, and that what goes on is judged again when a node was removed,
/// got another role or another key, or the roots have changed, and now and then because certificates end. Told on the control thread; judges on a loop
/// of its own.
/// </summary>
internal sealed class StandingKeeper
{
    /// <summary>So much longer than its certificate a stream may go on.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly ControlThread _control;
    private readonly ClusterTrust _trust;
    private readonly TimeProvider _timeProvider;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private TrustedRoots? _followed;
    private ClusterRecord? _followedOf;

    public StandingKeeper(ControlThread control, ClusterTrust trust, TimeProvider timeProvider)
    {
        (_control, _trust, _timeProvider) = (control, trust, timeProvider);
        FollowRoots(control.Committed.Current);
        control.BatchCommitted += Committed;
        control.Restored += restored => Changed(restored.State);
        control.LeadershipChanged += _ => Changed(control.Committed.Current);
    }

    /// <summary>Judges again whenever that may have another outcome.</summary>
    public async Task RunAsync(Action judgeAgain, CancellationToken ct)
    {
        await using ITimer timer = _timeProvider.CreateTimer(_ => _changed.Writer.TryWrite(true), null, Period, Period);
        await foreach (bool _ in _changed.Reader.ReadAllAsync(ct)) judgeAgain();
    }

    /// <summary>There are no rows to follow any more.</summary>
    public void Stop() => _trust.Follow(null, isNewest: false);

    private void Committed(StoreSnapshot state, IReadOnlyList<Change> changes)
    {
        if (changes.Any(ChangesStanding)) Changed(state);
    }

    private void Changed(StoreSnapshot state)
    {
        FollowRoots(state);
        _changed.Writer.TryWrite(true);
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

    private void FollowRoots(StoreSnapshot state)
    {
        if (state.Cluster is not { } cluster) return;
        if (_followed is null || !ReferenceEquals(_followedOf, cluster)) (_followed, _followedOf) = (TrustedRoots.Of(cluster), cluster);
        _trust.Follow(_followed, _control.IsLeading);
    }
}
