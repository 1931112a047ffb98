using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Time;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Sequencing;
using Cluster.Testing.Store;

namespace Cluster.UnitTests.Store.Sequencing;

/// <summary>A sequencer on a log that commits when told to.</summary>
internal sealed class SequencerFixture : IHeadObserver
{
    private int _delivered;
    private ulong _ids;

    public SequencerFixture(SequencerOptions? options = null)
    {
        Replica = new(new());
        Sequencer = new(Replica, Log, this, options ?? new());
    }

    public InMemoryReplicatedLog Log { get; } = new();

    public StoreReplica Replica { get; }

    public Sequencer Sequencer { get; }

    /// <summary>The version of the state that an observer believes in, and how often it had to begin anew.</summary>
    public ulong ObservedVersion { get; private set; }

    public int Resets { get; private set; }

    public ClusterTime Now { get; set; } = new(1_000);

    public SequencerFixture Leading(ulong term = 1)
    {
        Log.BeginTerm(term);
        Sequencer.BecomeLeader(term);
        Deliver();
        return this;
    }

    /// <summary>Commits up to this many proposals and applies them.</summary>
    public void Commit(int count = int.MaxValue)
    {
        for (int i = 0; i < count && Log.CommitNext(); i++) Deliver();
    }

    public void Deliver()
    {
        while (_delivered < Log.Committed.Count)
        {
            (ulong term, ReadOnlyMemory<byte> entry) = Log.Committed[_delivered++];
            Sequencer.Apply(term, entry);
        }
    }

    public Answer Submit(Func<WorkingTransaction, Refusal?> body, ulong request = 0, string operation = "test", Func<UInt128>? answer = null)
    {
        Answer given = new();
        Sequencer.Submit(new()
        {
            Actor = "tester",
            RequestId = new RequestId(request),
            Operation = operation,
            Now = Now,
            Body = body,
            Object = answer,
            Completion = given.Set,
        });
        return given;
    }

    /// <summary>A change that always takes effect.</summary>
    public Answer SubmitTask(ulong request = 0) => Submit(
        tx =>
        {
            tx.Put(StoreRows.Task(++_ids));
            return null;
        },
        request);

    public void HeadAdvanced(ulong previousVersion, StoreSnapshot head, IReadOnlyList<Change> changes)
    {
        Invariant.Check(previousVersion == ObservedVersion, "an observer misses nothing");
        Invariant.Check(changes.Count > 0, "an observer hears of changes only");
        ObservedVersion = head.Version;
    }

    public void HeadReset(StoreSnapshot head)
    {
        ObservedVersion = head.Version;
        Resets++;
    }
}
