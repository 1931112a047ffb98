using Cluster.Raft.Members;
using Xunit;

namespace Cluster.UnitTests.Manager.Peers;

/// <summary>Three members over real mutual TLS on loopback.</summary>
public sealed class PeerGroupTests
{
    [Fact]
    public async Task Forms_a_group_and_replicates()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();

        await group.WriteAsync(Enumerable.Range(0, 500).Select(i => $"entry {i}"));

        await group.EvenAsync("entry 499", group.Members);
        PeerMember leader = await group.LeaderAsync();
        Assert.Equal(500, leader.State.Distinct().Count());
        Assert.Equal(3, leader.Raft.CommittedMembership.Voters.Length);
    }

    [Fact]
    public async Task Carries_an_entry_that_is_longer_than_a_message_may_be()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        string entry = new('x', 9 << 20);

        await group.WriteAsync(entry);

        await group.EvenAsync(entry, group.Members);
    }

    [Fact]
    public async Task Has_another_leader_when_the_leader_is_gone()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        await group.WriteAsync("before");
        PeerMember first = await group.LeaderAsync();
        await first.StopAsync();

        await group.WriteAsync("after");

        Assert.NotSame(first, await group.LeaderAsync());
        await group.EvenAsync("after", group.Members.Where(m => m != first));
        await first.StartAsync();
        await group.EvenAsync("after", group.Members);
        Assert.Equal(["before", "after"], group.Read(() => first.State.Distinct().ToArray()));
    }

    [Fact]
    public async Task Hands_leadership_over_when_asked()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        await group.WriteAsync("one");
        PeerMember first = await group.LeaderAsync();
        PeerMember next = group.Members.First(m => m != first);

        Assert.True(await first.Raft.TransferLeadershipAsync(next.Id, CancellationToken.None));

        await group.WhenAsync(() => next.Leads);
        await group.WriteAsync("two");
        await group.EvenAsync("two", group.Members);
    }

    [Fact]
    public async Task Finds_a_member_again_that_comes_back_elsewhere()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        await group.WriteAsync("before");
        PeerMember leader = await group.LeaderAsync();
        PeerMember moved = group.Members.First(m => m != leader);
        await moved.StopAsync();
        await group.WriteAsync("meanwhile");

        // Nobody tells anyone: it knows the others from its file, and they learn where it is when it calls.
        await moved.StartAsync(port: PeerPorts.Free());

        await group.EvenAsync("meanwhile", group.Members);
        Assert.Equal(moved.Address, leader.Book.AddressOf(moved.Id));
    }

    [Fact]
    public async Task Finds_itself_after_all_were_down()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        await group.WriteAsync("before");
        foreach (PeerMember member in group.Members) await member.StopAsync();

        foreach (PeerMember member in group.Members) await member.StartAsync();
        await group.WriteAsync("after");

        await group.EvenAsync("after", group.Members);
        Assert.Equal(["before", "after"], group.Read(() => group.Members[0].State.Distinct().ToArray()));
    }

    [Fact]
    public async Task Tells_a_removed_member_why_it_is_refused()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        PeerMember leader = await group.LeaderAsync();
        PeerMember removed = group.Members.First(m => m != leader);

        await group.ChangeAsync(MembershipChange.Remove(removed.Id), membership => membership.IsRemoved(removed.Id));

        await group.WhenAsync(() => group.Members.Any(m => removed.ProblemWith(m)?.Contains("was removed from the cluster", StringComparison.Ordinal) == true));
        await group.WriteAsync("without it");
        Assert.DoesNotContain("without it", group.Read(() => removed.State.ToArray()));
    }

    [Fact]
    public async Task Tells_a_member_of_another_incarnation_why_it_is_refused()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        PeerMember leader = await group.LeaderAsync();
        PeerMember other = group.Members.First(m => m != leader);
        await other.StopAsync();

        await other.StartAsync(incarnation: 2);

        await group.WhenAsync(() => leader.ProblemWith(other)?.Contains("is of incarnation 1 of the cluster, this is incarnation 2", StringComparison.Ordinal) == true);
    }
}
