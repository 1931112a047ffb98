using Cluster.Raft;
using Cluster.Raft.Members;

namespace Cluster.Testing.Raft;

/// <summary>What goes wrong, and what operators do meanwhile.</summary>
internal sealed class RaftFaults(RaftWorld world, SimulatedRaftNetwork network)
{
    private const int MostMembers = 8;

    private Random Random => world.Random;

    public void Plan() => world.Timeline.After(Random.Next(1, 2 * world.Options.FaultMilliseconds), () =>
    {
        if (world.IsCalm)
            return;
        if (world.Options.IsStorm)
            StrikeLeaders();
        else
            Strike();
        Plan();
    });

    private SimulatedRaftMember Any() => world.Members[Random.Next(world.Members.Count)];

    private void Strike()
    {
        var member = Random.Next(2) == 0 ? world.Leader ?? Any() : Any();
        switch (Random.Next(15))
        {
            case 0: world.CrashFor(member, Random.Next(10, 2_000)); break;
            case 1 when Random.Next(3) == 0: CrashAll(); break;
            case 2: Isolate(member, Random.Next(3)); break;
            case 3: Partition(); break;
            case 4: network.Heal(); break;
            case 5: SlowDisk(member); break;
            case 6: FillDisk(member); break;
            case 7: Transfer(); break;
            case 8: Pause(member); break;
            case 9: member.With(core => core.ReportUnreachable(Any().Id)); world.Coverage.Count("unreachable"); break;
            default: ChangeMembers(); break;
        }
    }

    /// <summary>One leader after another goes down or is cut off for a moment, with what it has just appended: logs that differ much.</summary>
    private void StrikeLeaders()
    {
        world.Coverage.Count("storm");
        var leaders = world.Members.Where(m => m.Core?.Role is RaftRole.Leader or RaftRole.Candidate).ToList();
        var member = leaders.Count > 0 ? leaders[Random.Next(leaders.Count)] : Any();
        switch (Random.Next(4))
        {
            case 0: world.CrashFor(member, Random.Next(10, 1_500)); break;
            case 1: Isolate(member, Random.Next(3)); break;
            case 2: Pause(member); break;
            default: Partition(); break;
        }
    }

    private void CrashAll()
    {
        world.Coverage.Count("crash of all");
        foreach (var member in world.Members.ToList())
            world.CrashFor(member, Random.Next(10, 500));
    }

    private void Isolate(SimulatedRaftMember member, int direction)
    {
        world.Coverage.Count(direction == 0 ? "isolated" : "isolated one way");
        foreach (var other in world.Members)
        {
            if (direction != 1)
                network.Cut(member.Id, other.Id);
            if (direction != 2)
                network.Cut(other.Id, member.Id);
        }

        HealLater();
    }

    private void Partition()
    {
        world.Coverage.Count("partition");
        var left = world.Members.Where(_ => Random.Next(2) == 0).Select(m => m.Id).ToHashSet();
        foreach (var a in world.Members)
        {
            foreach (var b in world.Members)
            {
                if (left.Contains(a.Id) != left.Contains(b.Id))
                    network.Cut(a.Id, b.Id);
            }
        }

        HealLater();
    }

    private void SlowDisk(SimulatedRaftMember member)
    {
        world.Coverage.Count("slow disk");
        member.ExtraSyncDelay = Random.Next(2) == 0 ? 100 : 2_000;
        world.Timeline.After(Random.Next(100, 2_000), () => member.ExtraSyncDelay = 0);
    }

    private void FillDisk(SimulatedRaftMember member)
    {
        world.Coverage.Count("full disk");
        member.Disk.IsFull = true;
        world.Timeline.After(Random.Next(100, 2_000), () => member.Disk.IsFull = false);
    }

    private void Pause(SimulatedRaftMember member)
    {
        world.Coverage.Count("pause");
        member.PausedUntil = world.Timeline.Now + Random.Next(200, 3_000);
    }

    private void HealLater() => world.Timeline.After(Random.Next(100, 3_000), network.Heal);

    private void Transfer()
    {
        if (world.Leader is not { } leader)
            return;
        leader.With(core =>
        {
            if (core.TransferLeadership(Any().Id))
                world.Coverage.Count("transfer");
        });
    }

    private void ChangeMembers()
    {
        if (!world.Options.WithMembershipChanges || world.Leader?.Core is not { } core)
            return;
        var membership = core.Membership;
        var changes = new List<MembershipChange>();
        for (var i = Random.Next(1, 4); i > 0; i--)
            changes.Add(Draw(membership));
        var proposer = Random.Next(5) == 0 ? Any() : world.Leader;
        proposer.With(c =>
        {
            var result = c.ProposeConfiguration(changes);
            if (result.IsAccepted)
                world.Coverage.Count(c.Membership.IsJoint ? "joint change" : "simple change");
        });
    }

    private MembershipChange Draw(Membership membership)
    {
        var voter = membership.Voters[Random.Next(membership.Voters.Length)];
        var newcomer = membership.Learners.IsEmpty || Random.Next(3) == 0 ? Newcomer(membership) : null;
        if (newcomer is null && membership.Learners.IsEmpty)
            return MembershipChange.Demote(voter);
        return Random.Next(6) switch
        {
            0 when newcomer is not null => MembershipChange.AddVoter(newcomer.Id),
            0 or 1 or 2 when newcomer is not null => MembershipChange.AddLearner(newcomer.Id),
            0 or 1 or 2 => MembershipChange.AddVoter(membership.Learners[Random.Next(membership.Learners.Length)]),
            3 when membership.Voters.Length > 1 => MembershipChange.Demote(voter),
            4 when !membership.Learners.IsEmpty => MembershipChange.Remove(membership.Learners[Random.Next(membership.Learners.Length)]),
            _ => MembershipChange.Remove(voter),
        };
    }

    private SimulatedRaftMember? Newcomer(Membership membership)
    {
        if (world.Members.FirstOrDefault(m => !membership.Contains(m.Id) && !membership.IsRemoved(m.Id)) is { } idle)
            return idle;
        if (world.Members.Count >= MostMembers)
            return null;
        var member = world.AddMember();
        world.Restart(member);
        return member;
    }
}
