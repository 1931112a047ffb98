using System.Buffers.Binary;
using Cluster.Benchmarks.Store;
using Cluster.Control;
using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Sequencing;

namespace Cluster.Benchmarks.Control;

/// <summary>A leader's sequencer and kernel on a log that commits at once, as its control thread drives them, and a clock that stands still.</summary>
internal sealed class BenchmarkLeader : IHeadObserver, IIdSource
{
    private readonly CommittingLog _log = new();
    private readonly Kernel _kernel = new();
    private readonly Random _random = new(1);
    private readonly StoreReplica _replica = new(new());
    private readonly Sequencer _sequencer;
    private ClusterTime _now = new(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks);

    public BenchmarkLeader(int nodes)
    {
        _sequencer = new Sequencer(_replica, _log, this, new());
        _log.Target = _sequencer;
        _sequencer.BecomeLeader(1);
        _sequencer.Apply(1, ReadOnlyMemory<byte>.Empty);
        Change(tx => tx.Put(new ClusterRecord { Id = new(Next()), Root = new RootAuthority([], []), JoinSecrets = new JoinSecrets(11, 22) }));
        AddNodes(nodes);
    }

    public StoreSnapshot State => _replica.Committed;

    public long LogBytes => _log.Bytes;

    public int LogEntries => _log.Entries;

    /// <summary>For followers: what was committed, when it is to be kept.</summary>
    public List<ReadOnlyMemory<byte>> Committed => _log.Committed;

    /// <summary>Uniformly random, as in production.</summary>
    public UInt128 Next() => new((ulong)_random.NextInt64(1, long.MaxValue), (ulong)_random.NextInt64());

    public void KeepLog(bool keep)
    {
        _log.Committed.Clear();
        _log.Keep = keep;
    }

    public IReadOnlyList<NodeId> AddNodes(int count)
    {
        List<NodeId> ids = [];
        Change(tx =>
        {
            for (int i = 0; i < count; i++)
            {
                NodeId id = new(Next());
                byte[] digest = new byte[32];
                BinaryPrimitives.WriteUInt128BigEndian(digest, id.Value);
                tx.Put(new NodeRecord
                {
                    Id = id,
                    Description = new NodeDescription { Hostname = $"node{i}", Os = "linux", Architecture = "amd64", Resources = new(64_000_000_000, 256L << 30) },
                    Status = new NodeStatus { State = NodeState.Ready, Since = _now },
                    Certificate = new NodeCertificate([.. digest], [], NodeRole.Worker),
                });
                ids.Add(id);
            }
        });
        Settle();
        return ids;
    }

    public void AddService(string name, int replicas)
    {
        ServiceSpec spec = new()
        {
            Name = name,
            Replicas = replicas,
            Container = new ContainerSpec { Image = "lab/web:1" },
            Resources = new ResourceRequirements { Reservations = new Resources(100_000_000, 64L << 20) },
        };
        Change(tx => ServiceCommands.Create(tx, spec, this).Refusal);
    }

    public void Change(Action<WorkingTransaction> body) => Change(tx =>
    {
        body(tx);
        return null;
    });

    /// <summary>Passes, each committed before the next, until the kernel is at rest; how many there were.</summary>
    public int Settle()
    {
        for (int passes = 0; ; passes++)
        {
            if (!_kernel.HasWork) return passes;
            _now += TimeSpan.FromMilliseconds(1);
            Change(tx =>
            {
                _kernel.Run(tx, this, _random);
                return null;
            });
        }
    }

    public void HeadAdvanced(ulong previousVersion, StoreSnapshot head, IReadOnlyList<Change> changes) => _kernel.Note(previousVersion, head.Version, changes);

    public void HeadReset(StoreSnapshot head) => _kernel.Rebuild(head);

    private void Change(Func<WorkingTransaction, Refusal?> body)
    {
        _sequencer.Submit(new()
        {
            Actor = "benchmark",
            Now = _now,
            Body = body,
            Completion = outcome =>
            {
                if (outcome.Status != SubmitStatus.Committed) throw new InvalidOperationException($"the benchmark's change was answered {outcome.Status}: {outcome.Refusal?.Message}{outcome.Fault}");
            },
        });
        _log.Commit();
    }
}
