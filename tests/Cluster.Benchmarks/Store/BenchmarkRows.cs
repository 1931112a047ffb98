using System.Buffers.Binary;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Benchmarks.Store;

/// <summary>Rows as a cluster of web services would have them; task ids are random, as in production.</summary>
internal static class BenchmarkRows
{
    public static TaskTemplate Template() => new() { Id = new(1), Container = new() { Image = "lab/web:1" } };

    public static NodeRecord Node(int id)
    {
        byte[] digest = new byte[32];
        BinaryPrimitives.WriteInt32BigEndian(digest, id);
        return new()
        {
            Id = new((UInt128)id << 90),
            Description = new() { Hostname = $"node{id}" },
            Certificate = new([.. digest], [], NodeRole.Worker),
        };
    }

    public static ServiceRecord Service(int id) => new()
    {
        Id = new((UInt128)id << 90),
        Spec = new() { Name = $"service{id}", Replicas = 1_000, Container = new() { Image = "lab/web:1" } },
        Template = new(1),
    };

    public static TaskRecord Task(Random random, int service, int slot, int node) => new()
    {
        Id = new TaskId(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64())),
        ServiceId = new((UInt128)service << 90),
        Slot = slot,
        Template = new(1),
        NodeId = new((UInt128)node << 90),
        Status = new() { State = TaskState.Running, Since = new ClusterTime(638_000_000_000_000_000), Message = "started", Pid = 4_711 },
    };

    /// <summary>The task with another status.</summary>
    public static TaskRecord Running(TaskRecord task) => task with
    {
        Status = new TaskStatus { State = TaskState.Running, Since = new ClusterTime(task.Status.Since.Ticks + 1), Message = "started", Pid = task.Status.Pid + 1 },
    };
}
