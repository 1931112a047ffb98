using Xunit;

namespace Cluster.UnitTests.Manager.Peers;

public sealed class PeerSnapshotTests
{
    [Fact]
    public async Task Brings_a_snapshot_to_a_member_that_is_far_behind()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        PeerMember behind = await LeaveBehindAsync(group);

        await behind.StartAsync();

        await group.EvenAsync("last", group.Members);
        Assert.Equal(1, behind.Restores);
        await group.WriteAsync("after the snapshot");
        await group.EvenAsync("after the snapshot", group.Members);

        // What it was sent is its log's beginning now.
        await behind.StopAsync();
        await behind.StartAsync();
        await group.EvenAsync("after the snapshot", group.Members);
        Assert.Equal(1, behind.Restores);
    }

    [Fact]
    public async Task Goes_on_with_a_snapshot_where_it_was_cut()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        PeerMember behind = await LeaveBehindAsync(group);

        await using CuttingProxy proxy = new(behind.Port, cutAfterBytes: 4 << 20);
        await behind.StartAsync(advertise: proxy.Address);

        await group.EvenAsync("last", group.Members);
        string[] begins = [.. group.Log.Lines.Where(line => line.StartsWith("Receiving the snapshot", StringComparison.Ordinal))];
        Assert.Equal(1, proxy.Cuts);
        Assert.Contains(" 0 of ", begins[0], StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 of ", begins[^1], StringComparison.Ordinal);
        Assert.Equal(1, behind.Restores);
    }

    [Fact]
    public async Task Brings_the_newest_snapshot_after_one_was_not_to_be_brought()
    {
        await using PeerGroup group = new(3);
        await group.FormAsync();
        PeerMember behind = await LeaveBehindAsync(group);
        await using CuttingProxy proxy = new(behind.Port, cutAfterBytes: 1 << 20);
        await behind.StartAsync(advertise: proxy.Address);
        await group.WhenAsync(() => proxy.Cuts == 1);
        await behind.StopAsync();

        await group.WriteAsync("newer");
        foreach (PeerMember member in group.Members.Where(m => m != behind)) await member.SaveSnapshotAsync();
        await behind.StartAsync();

        await group.EvenAsync("newer", group.Members);
    }

    /// <summary>Stops a follower and writes 8 MiB, of which the logs of the others keep nothing.</summary>
    private static async Task<PeerMember> LeaveBehindAsync(PeerGroup group)
    {
        PeerMember leader = await group.LeaderAsync();
        PeerMember behind = group.Members.First(member => member != leader);
        await behind.StopAsync();
        for (int i = 0; i < 8; i++) await group.WriteAsync($"{i}:{new string((char)('a' + i), 1 << 20)}");
        await group.WriteAsync("last");
        PeerMember[] others = [.. group.Members.Where(member => member != behind)];
        await group.EvenAsync("last", others);
        foreach (PeerMember member in others) await member.SaveSnapshotAsync();
        return behind;
    }
}
