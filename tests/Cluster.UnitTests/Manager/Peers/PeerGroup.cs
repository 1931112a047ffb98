using System.Security.Cryptography;
using Cluster.Manager.Peers;
using Cluster.Raft;
using Cluster.Raft.Members;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Cluster.UnitTests.Manager.Peers;

/// <summary>
/// Members in one process that speak over real connections. Their states are looked at under one lock, and every change of one wakes whoever
/// waits for a condition.
/// </summary>
internal sealed class PeerGroup : IAsyncDisposable
{
    /// <summary>Only for a test that would otherwise never end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly object _lock = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("cluster-peers-").FullName;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PeerGroup(int members)
    {
        Log = new RecordedLog(() => Change(() => { }));
        Members =
        [
            .. Enumerable.Range(1, members).Select(i => new PeerMember(this, (ulong)i, Path.Combine(_directory, $"m{i}"), Authority.Issue(PeerMember.NodeOf((ulong)i)))),
        ];
    }

    public PeerAuthority Authority { get; } = new(77);

    public byte[] Key { get; } = RandomNumberGenerator.GetBytes(32);

    public RecordedLog Log { get; }

    public IReadOnlyList<PeerMember> Members { get; }

    /// <summary>Waits for one.</summary>
    public async Task<PeerMember> LeaderAsync()
    {
        PeerMember? leader = null;
        await WhenAsync(() => (leader = Members.FirstOrDefault(member => member.Leads)) is not null);
        return leader!;
    }

    /// <summary>Starts the first as founder and takes the others in, as learners first.</summary>
    public async Task FormAsync()
    {
        foreach (PeerMember member in Members) await member.StartAsync(isFounder: member == Members[0]);
        IntroduceAll();
        foreach (PeerMember member in Members.Skip(1))
        {
            await ChangeAsync(MembershipChange.AddLearner(member.Id), membership => membership.IsLearner(member.Id));
            await WhenAsync(() => member.Raft.CommittedMembership.IsLearner(member.Id));
            await ChangeAsync(MembershipChange.AddVoter(member.Id), membership => membership.IsVoter(member.Id));
        }
    }

    /// <summary>Writes through whoever leads, and waits until it is applied there. What a change of leaders left undecided is written again.</summary>
    public async Task WriteAsync(params IEnumerable<string> texts)
    {
        foreach (string[] some in texts.Chunk(64))
        {
            while (!await (await LeaderAsync()).TryWriteAsync(some))
            {
            }
        }
    }

    /// <summary>Changes who takes part, through whoever leads, and waits until that is committed as far as a leader knows.</summary>
    public async Task ChangeAsync(MembershipChange change, Func<Membership, bool> isDone)
    {
        while (true)
        {
            PeerMember leader = await LeaderAsync();
            if (isDone(leader.Raft.CommittedMembership)) return;
            ulong term = Read(() => leader.Last!.Term);
            ProposalResult result = await leader.Raft.ChangeMembersAsync([change], CancellationToken.None);
            Assert.NotEqual(ProposalRefusal.InvalidConfiguration, result.Refusal);
            if (result.IsAccepted) await WhenAsync(() => isDone(leader.Raft.CommittedMembership) || !leader.Leads || leader.Last!.Term != term);
        }
    }

    /// <summary>Waits until all of these have the same state, with the text in it, and agree on who takes part.</summary>
    public Task EvenAsync(string text, params IEnumerable<PeerMember> members) => WhenAsync(() =>
    {
        PeerMember first = members.First();
        return first.State.Contains(text)
            && members.All(member => member.State.SequenceEqual(first.State) && member.Raft.CommittedMembership.Equals(first.Raft.CommittedMembership));
    });

    /// <summary>What committed rows do in a manager: everyone learns where everyone is.</summary>
    public void IntroduceAll()
    {
        foreach (PeerMember member in Members.Where(m => m.IsRunning))
        {
            foreach (PeerMember other in Members.Where(m => m.IsRunning && m != member)) member.Book.Heard(other.Id, other.Address);
        }
    }

    public void Change(Action change)
    {
        TaskCompletionSource next;
        lock (_lock)
        {
            change();
            (next, _next) = (_next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        next.TrySetResult();
    }

    public T Read<T>(Func<T> read)
    {
        lock (_lock) return read();
    }

    public async Task WhenAsync(Func<bool> condition)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (condition()) return;
                next = _next.Task;
            }

            await next.WaitAsync(patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PeerMember member in Members) await member.StopAsync();
        Authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
