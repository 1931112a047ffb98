using Cluster.Control.Commands;
using Cluster.Control.Members;
using Cluster.Manager.Hosting;
using Cluster.Raft;
using Cluster.Raft.Members;
using Microsoft.Extensions.Logging;

namespace Cluster.Manager.Members;

/// <summary>While this manager leads: makes the Raft group what the nodes' rows say, one step at a time (<see cref="QuorumPlan"/>).</summary>
internal sealed partial class QuorumKeeper(RaftHost raft, ControlThread control, TimeProvider timeProvider, ILogger<QuorumKeeper> logger)
{
    /// <summary>A member that lacks no more than this many entries catches up within the next round trip.</summary>
    private const ulong CaughtUpWithin = 256;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    private QuorumStep? _lastStep;

    public async Task RunAsync(CancellationToken ct)
    {
        using PeriodicTimer timer = new(Period, timeProvider);
        while (await timer.WaitForNextTickAsync(ct))
        {
            if (!control.IsLeading) continue;
            RaftStatus status = await raft.DescribeAsync(ct);

            // The rows must not be older than the group: those of an earlier leadership may lack a manager that another leader took in.
            if (control.Leadership.Current is not { IsHere: true } leadership || leadership.Term != status.Term) continue;

            // One change at a time: the next when everybody is to know of the last one.
            if (status.Role != RaftRole.Leader || status.Membership.IsJoint || !ReferenceEquals(raft.Membership, raft.CommittedMembership)) continue;
            if (QuorumPlan.Next(control.Committed.Current, status.Self.Value, MembersOf(status)) is { } step) await TakeAsync(step, ct);
        }
    }

    public static IReadOnlyList<QuorumMember> MembersOf(RaftStatus status) =>
    [
        .. status.Membership.Members.Select(id =>
        {
            MemberStatus? seen = status.Members.FirstOrDefault(member => member.Id == id);
            bool isSelf = id == status.Self;
            return new QuorumMember(
                id.Value, status.Membership.IsVoter(id), isSelf || IsCaughtUp(seen, status), isSelf || seen is { IsActive: true });
        }),
    ];

    /// <summary>One that waits for a snapshot is not, however short the log behind that is.</summary>
    private static bool IsCaughtUp(MemberStatus? seen, RaftStatus status) =>
        seen is { Match: > 0 } && seen.Match + 1 >= status.FirstIndex && seen.Match + CaughtUpWithin >= status.LastIndex;

    private async Task TakeAsync(QuorumStep step, CancellationToken ct)
    {
        // One that comes to nothing is tried again at each round.
        if (step != _lastStep) LogStep(logger, step);
        _lastStep = step;
        switch (step)
        {
            case QuorumStep.AddLearner learner:
                await raft.ChangeMembersAsync([MembershipChange.AddLearner(new MemberId(learner.Member))], ct);
                break;
            case QuorumStep.AddVoter voter:
                await raft.ChangeMembersAsync([MembershipChange.AddVoter(new MemberId(voter.Member))], ct);
                break;
            case QuorumStep.Remove removed:
                await raft.ChangeMembersAsync([MembershipChange.Remove(new MemberId(removed.Member))], ct);
                break;
            case QuorumStep.TransferLeadership transfer:
                await raft.TransferLeadershipAsync(new MemberId(transfer.To), ct);
                break;
            case QuorumStep.Release release:
                await control.PostAsync(() => control.Submit("members", tx => ManagerCommands.Release(tx, release.Node, release.Member)), ct);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The managers' group changes: {Step}")]
    private static partial void LogStep(ILogger logger, QuorumStep step);
}
