using Cluster.Raft.Messages;
using Cluster.Raft.Replication;

namespace Cluster.Raft;

/// <summary>Snapshots of this member's state machine, and the leader's for members that are far behind.</summary>
public sealed partial class RaftCore
{
    /// <summary>
    /// The metadata for a snapshot of a state machine that has applied <paramref name="index"/>. Null when another snapshot, saved or arriving from the
    /// leader, has overtaken it: then there is nothing to save.
    /// </summary>
    public SnapshotMetadata? DescribeSnapshot(ulong index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, _delivered);
        if (_installing is not null || index < (_snapshot?.Index ?? 0) || _log.TermAt(index) is not { } term)
            return null;
        return new SnapshotMetadata(new LogPosition(index, term), _memberships.At(index));
    }

    /// <summary>The snapshot is in the storage and synced: forgets the log before it, but for what members that lag a little need.</summary>
    public void SnapshotSaved(SnapshotMetadata snapshot) => SnapshotSaved(snapshot, keepTrailing: true);

    /// <param name="snapshot">What was saved.</param>
    /// <param name="keepTrailing">False: nothing before the snapshot stays; a member that lacks some of it is sent the snapshot.</param>
    public void SnapshotSaved(SnapshotMetadata snapshot, bool keepTrailing)
    {
        var last = _snapshot?.Index ?? 0;
        if (snapshot.Index < last || (snapshot.Index == last && keepTrailing) || _installing is not null)
            return;
        Invariant.Check(snapshot.Index <= _delivered && _log.Holds(snapshot.Position));
        _snapshot = snapshot;
        _log.Compact(keepTrailing ? _log.CompactionPoint(snapshot.Index, _options.TrailingEntries, _options.TrailingBytes) : snapshot.Index);
        _memberships.Compact(snapshot.Index);
        _pendingMark = new SnapshotMark(snapshot.Position, _log.Begin.Index, ResetsLog: false);
    }

    /// <summary>How an <see cref="InstallSnapshot"/> message ended: its content and the message arrived, or not.</summary>
    public void ReportSnapshot(MemberId member, bool succeeded)
    {
        if (_role != RaftRole.Leader || !_progress.TryGetValue(member, out var progress) || progress.State != MemberState.Snapshot)
            return;
        if (succeeded)
            progress.BecomeProbe();
        else
            progress.AbortSnapshot();

        // Goes on with the member's next sign of life.
        progress.ProbeSent = true;
    }

    private bool SendSnapshot(MemberId to, MemberProgress progress)
    {
        // To one that does not answer a snapshot would be sent in vain, again and again.
        if (!progress.IsActive)
            return false;
        Invariant.Check(_snapshot is not null && _snapshot.Index >= _log.Begin.Index);
        progress.BecomeSnapshot(_snapshot.Index);
        Send(new InstallSnapshot(Self, to, _term, _snapshot));
        return false;
    }

    private void OnInstallSnapshot(InstallSnapshot message)
    {
        FollowLeader(message.From);
        var snapshot = message.Snapshot;
        if (snapshot.Index > _commit)
        {
            if (_log.Holds(snapshot.Position))
                CommitTo(snapshot.Index);
            else
                Install(snapshot);
        }

        var index = Math.Max(snapshot.Index, _commit);
        SendAfterLog(index, new AppendResponse(Self, message.From, _term, Accepted: true, index, default));
    }

    private void Install(SnapshotMetadata snapshot)
    {
        _log.Reset(snapshot.Position);
        _memberships.Reset(snapshot.Index, snapshot.Membership);
        _snapshot = snapshot;
        _commit = snapshot.Index;
        _pendingMark = new SnapshotMark(snapshot.Position, snapshot.Index, ResetsLog: true);
        _handedIndex = snapshot.Index;
        _persistedIndex = 0;
        _truncationSequence = _installSequence = _nextSequence;
        _installing = snapshot;
    }

    private void FinishInstall()
    {
        Invariant.Check(_installing is not null);
        _restore = _installing;
        _delivered = _installing.Index;
        _persistedIndex = Math.Max(_persistedIndex, _installing.Index);
        _installing = null;
    }
}
