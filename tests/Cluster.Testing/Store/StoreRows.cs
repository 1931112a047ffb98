using System.Buffers.Binary;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;

namespace Cluster.Testing.Store;

/// <summary>Rows with the least that makes them valid; change the rest by <c>with</c>. Numbers stand for ids.</summary>
public static class StoreRows
{
    public static ClusterRecord Cluster(ulong id = 1) => new()
    {
        Id = new(id),
        Root = new([1, 2, 3], [4, 5, 6]),
        JoinSecrets = new(7, 8),
    };

    public static NodeRecord Node(ulong id) => new()
    {
        Id = new(id),
        Description = new() { Hostname = $"node{id}", Os = "linux", Architecture = "amd64" },
        Certificate = new([.. PublicKeyDigest(id)], [1], NodeRole.Worker),
    };

    public static byte[] PublicKeyDigest(ulong id)
    {
        byte[] digest = new byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(digest, id);
        return digest;
    }

    public static ServiceRecord Service(ulong id, string? name = null, ulong template = 1) => new()
    {
        Id = new(id),
        Spec = new() { Name = name ?? $"service{id}", Container = new() { Image = "lab/web:1" } },
        Template = new(template),
    };

    public static TaskTemplate Template(ulong id) => new() { Id = new(id), Container = new() { Image = "lab/web:1" } };

    public static TaskRecord Task(ulong id, ulong service = 1, int slot = 1, ulong node = 0, TaskState state = TaskState.New, ulong template = 1) => new()
    {
        Id = new(id),
        ServiceId = new(service),
        Slot = slot,
        Template = new(template),
        NodeId = new(node),
        Status = new() { State = state, Message = "as built" },
    };

    public static PortClaim Claim(ulong node, int port, ulong task) => new(new(new(node), PortProtocol.Tcp, port), new(task));

    public static RestartHistory History(ulong service, int slot, params long[] attempts) =>
        new(new(new(service), slot, default), attempts.Select(ticks => new ClusterTime(ticks)).ToValueList());

    public static RequestRecord Request(ulong id, long at = 1, string operation = "test") => new(new(id), new(at), operation, id);
}
