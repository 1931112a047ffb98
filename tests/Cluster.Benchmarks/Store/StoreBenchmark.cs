using System.Globalization;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;
using Cluster.Store.Replication;
using Cluster.Store.Sequencing;
using Cluster.Store.Snapshots;

namespace Cluster.Benchmarks.Store;

/// <summary>A store with a million tasks of a thousand services on a thousand nodes: what it takes, and what using it costs.</summary>
public static class StoreBenchmark
{
    private const int Tasks = 1_000_000;
    private const int Nodes = 1_000;
    private const int Services = 1_000;
    private const int TasksPerEntry = 1_000;

    public static Task RunAsync(TextWriter output, CancellationToken ct)
    {
        TimeProvider time = TimeProvider.System;
        long before = Live();
        CommittingLog log = new();
        StoreReplica replica = new(new() { MaxHistoryRows = 1 });
        Sequencer sequencer = new(replica, log, null, new());
        log.Target = sequencer;
        sequencer.BecomeLeader(1);
        sequencer.Apply(1, ReadOnlyMemory<byte>.Empty);

        long start = time.GetTimestamp();
        Build(sequencer, log, ct);
        TimeSpan built = time.GetElapsedTime(start);
        Line(output, "build, 1,000 tasks an entry, sequenced and encoded", $"{built.TotalSeconds:F1} s, {Tasks / built.TotalSeconds:N0} tasks/s");
        Line(output, "entry size", $"{log.Bytes / (double)Tasks:F0} B/task");
        long live = Live() - before;
        Line(output, "memory, as built by a leader", $"{live / Tasks} B/task, {live >> 20} MiB");

        Read(output, replica.Committed, time);
        Change(output, sequencer, log, replica, time, ct);
        Snapshot(output, replica, time, ct);
        return Task.CompletedTask;
    }

    private static void Build(Sequencer sequencer, CommittingLog log, CancellationToken ct)
    {
        Do(sequencer, log, tx =>
        {
            tx.Put(BenchmarkRows.Template());
            for (int i = 1; i <= Nodes; i++) tx.Put(BenchmarkRows.Node(i));
            for (int i = 1; i <= Services; i++) tx.Put(BenchmarkRows.Service(i));
        });
        Random random = new(1);
        for (int done = 0; done < Tasks; done += TasksPerEntry)
        {
            ct.ThrowIfCancellationRequested();
            int from = done;
            Do(sequencer, log, tx =>
            {
                for (int i = from; i < from + TasksPerEntry; i++) tx.Put(BenchmarkRows.Task(random, i % Services + 1, i / Services + 1, random.Next(Nodes) + 1));
            });
        }
    }

    private static void Read(TextWriter output, StoreSnapshot snapshot, TimeProvider time)
    {
        NodeRecord[] nodes = [.. snapshot.Nodes];
        Measure(output, time, $"list by node, {Tasks / Nodes:N0} tasks", 200, i => snapshot.TasksOfNode(nodes[i % nodes.Length].Id).Sum(task => task.Slot & 1));
        ServiceRecord[] services = [.. snapshot.Services];
        Measure(output, time, $"list by service, {Tasks / Services:N0} tasks", 200, i => snapshot.TasksOfService(services[i % services.Length].Id).Sum(task => task.Slot & 1));
        TaskRecord[] tasks = [.. snapshot.Tasks.Where((_, i) => i % 100 == 0)];
        Measure(output, time, "task by id", 200_000, i => snapshot.GetTask(tasks[i * 7919L % tasks.Length].Id)!.Slot);
    }

    private static void Change(TextWriter output, Sequencer sequencer, CommittingLog log, StoreReplica replica, TimeProvider time, CancellationToken ct)
    {
        TaskRecord[] tasks = [.. replica.Committed.Tasks.Where((_, i) => i % 50 == 0)];
        StoreSnapshot basis = replica.Committed;
        Measure(output, time, "one task's status changed, transaction only", 20_000, i =>
        {
            WorkingTransaction tx = new(basis, basis.Time);
            tx.Put(BenchmarkRows.Running(tasks[i % tasks.Length]));
            return tx.Seal().TaskCount;
        });
        Measure(output, time, "the same, sequenced, encoded, committed", 20_000, i =>
        {
            ct.ThrowIfCancellationRequested();
            Do(sequencer, log, tx => tx.Put(BenchmarkRows.Running(tx.GetTask(tasks[i % tasks.Length].Id)!)));
            return 1;
        });
    }

    private static void Snapshot(TextWriter output, StoreReplica replica, TimeProvider time, CancellationToken ct)
    {
        using MemoryStream stream = new();
        long start = time.GetTimestamp();
        SnapshotWriter.Write(replica.Committed, stream, ct);
        TimeSpan written = time.GetElapsedTime(start);
        Line(output, "snapshot written", $"{written.TotalSeconds:F1} s, {stream.Length >> 20} MiB");
        stream.Position = 0;
        long before = Live();
        start = time.GetTimestamp();
        StoreSnapshot loaded = SnapshotReader.Read(stream, ct);
        TimeSpan read = time.GetElapsedTime(start);
        long live = Live() - before;
        Line(output, "snapshot read", $"{read.TotalSeconds:F1} s");
        Line(output, "memory, as loaded from a snapshot", $"{live / Tasks} B/task, {live >> 20} MiB");
        GC.KeepAlive(loaded);
    }

    private static void Do(Sequencer sequencer, CommittingLog log, Action<WorkingTransaction> body)
    {
        sequencer.Submit(new()
        {
            Actor = "benchmark",
            Now = new ClusterTime(1),
            Body = tx =>
            {
                body(tx);
                return null;
            },
            Completion = outcome =>
            {
                if (outcome.Status != SubmitStatus.Committed) throw new InvalidOperationException($"the benchmark's change was answered {outcome.Status}: {outcome.Refusal?.Message}{outcome.Fault}");
            },
        });
        log.Commit();
    }

    private static void Measure(TextWriter output, TimeProvider time, string what, int count, Func<int, int> operation)
    {
        int sink = 0;
        for (int i = 0; i < count / 10; i++) sink += operation(i);
        long start = time.GetTimestamp();
        for (int i = 0; i < count; i++) sink += operation(i);
        double each = time.GetElapsedTime(start).TotalMicroseconds / count;
        GC.KeepAlive(sink);
        Line(output, what, $"{each:F2} us");
    }

    private static long Live()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static void Line(TextWriter output, string what, FormattableString value) =>
        output.WriteLine($"store: {what,-52} {value.ToString(CultureInfo.InvariantCulture)}");
}
