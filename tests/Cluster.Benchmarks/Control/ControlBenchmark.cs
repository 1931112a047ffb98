using System.Globalization;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Store;
using Cluster.Store.Replication;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Benchmarks.Control;

/// <summary>
/// How fast a leader decides, without disk, network and quorum: tasks from the creation of their service to Assigned (sequenced, encoded,
/// committed), what a follower needs for the same, reports of agents, and the drain of one node.
/// </summary>
public static class ControlBenchmark
{
    private const int Nodes = 5_000;
    private const int TasksOnDrained = 200;

    public static Task RunAsync(TextWriter output, CancellationToken ct)
    {
        Assign(output, "a first run, to warm up", 1, 20_000, ct);
        Assign(output, "one service", 1, 50_000, ct);
        Assign(output, "50 services", 50, 1_000, ct);
        Assign(output, "1,000 services", 1_000, 50, ct);
        Drain(output);
        return Task.CompletedTask;
    }

    private static void Assign(TextWriter output, string what, int services, int replicas, CancellationToken ct)
    {
        BenchmarkLeader leader = new(Nodes);
        StoreSnapshot before = leader.State;
        leader.KeepLog(true);
        int tasks = services * replicas, passes = 0;
        long bytes = leader.LogBytes, entries = leader.LogEntries;
        long collected = GC.GetTotalAllocatedBytes();
        int full = GC.CollectionCount(2);
        Stretch stretch = Stretch.Begin();
        for (int i = 0; i < services; i++)
        {
            ct.ThrowIfCancellationRequested();
            leader.AddService($"web{i}", replicas);
            if (services < 100 || i % 20 == 19) passes += leader.Settle();
        }

        string rate = stretch.Rate(tasks);
        long allocated = GC.GetTotalAllocatedBytes() - collected;
        int assigned = leader.State.Tasks.Count(task => task.Status.State == TaskState.Assigned);
        if (assigned != tasks) throw new InvalidOperationException($"{assigned} of {tasks} tasks were assigned");
        Line(output, $"{what}, {tasks:N0} tasks to Assigned on {Nodes:N0} nodes", $"{rate}, {passes} passes");
        Line(output, "  log", $"{(leader.LogBytes - bytes) / (double)tasks:F0} B/task, {(leader.LogBytes - bytes) / (leader.LogEntries - entries):N0} B/entry; {allocated / tasks:N0} B allocated/task, {GC.CollectionCount(2) - full} full collections");

        stretch = Stretch.Begin();
        StoreReplica follower = new(new(), before);
        foreach (ReadOnlyMemory<byte> entry in leader.Committed) follower.Apply(entry);
        Line(output, "  a follower applies them", $"{stretch.Rate(tasks)}");
        if (services == 1) Report(output, leader);
    }

    /// <summary>Each node's agent says that its tasks run: one transaction for each node, with a pass of the kernel after each.</summary>
    private static void Report(TextWriter output, BenchmarkLeader leader)
    {
        NodeId[] nodes = [.. leader.State.Nodes.Select(node => node.Id).Take(2_000)];
        int tasks = 0;
        Stretch stretch = Stretch.Begin();
        foreach (NodeId node in nodes)
        {
            leader.Change(tx =>
            {
                foreach (TaskRecord task in tx.TasksOfNode(node))
                {
                    tx.Put(task with { Status = new TaskStatus { State = TaskState.Running, Since = tx.Now, Message = "started", Pid = 4_711 } });
                    tasks++;
                }
            });
            leader.Settle();
        }

        Line(output, "  reports of agents, one change for each node", $"{stretch.Rate(tasks)}");
    }

    private static void Drain(TextWriter output)
    {
        for (int run = 0; run < 3; run++)
        {
            BenchmarkLeader leader = new(1);
            NodeId first = leader.State.Nodes.Single().Id;
            for (int i = 0; i < 4; i++) leader.AddService($"web{i}", TasksOnDrained / 4);
            leader.Settle();
            leader.AddNodes(Nodes - 1);
            leader.AddService("other", Nodes * 4);
            leader.Settle();
            int there = leader.State.TasksOfNode(first).Count();
            Stretch stretch = Stretch.Begin();
            leader.Change(tx => tx.Put(tx.GetNode(first)! with { Spec = tx.GetNode(first)!.Spec with { Availability = NodeAvailability.Drain } }));
            int passes = leader.Settle();
            string time = stretch.Time();
            int moved = leader.State.Tasks.Count(task => task.Status.State == TaskState.Assigned && task.DesiredState == TaskState.Ready);
            Line(output, $"drain of a node with {there} tasks among {Nodes:N0} nodes", $"{time}, {passes} passes, {moved} successors assigned");
        }
    }

    private static void Line(TextWriter output, string what, FormattableString value) =>
        output.WriteLine($"control: {what,-62} {value.ToString(CultureInfo.InvariantCulture)}");
}
