using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Api.Codec;

/// <summary>
/// Keys of rows, for deletes: <see cref="ClusterId"/>, <see cref="NodeId"/>, <see cref="ServiceId"/>, <see cref="TemplateId"/>,
/// <see cref="TaskId"/>, <see cref="PortClaimKey"/>, <see cref="SlotKey"/>, <see cref="RequestId"/>; each stands for its table.
/// On the wire a key is the row's message with only the key's fields set.
/// </summary>
public static class RowKeyCodec
{
    public static Storage.Row ToProto(object key) => key switch
    {
        TaskId id => new Storage.Row { Task = new V1.Task { Id = id.ToString() } },
        NodeId id => new Storage.Row { Node = new V1.Node { Id = id.ToString() } },
        ServiceId id => new Storage.Row { Service = new V1.Service { Id = id.ToString() } },
        TemplateId id => new Storage.Row { Template = new V1.TaskTemplate { Id = id.ToString() } },
        PortClaimKey claim => new Storage.Row { PortClaim = ToProto(claim) },
        SlotKey slot => new Storage.Row { RestartHistory = ToProto(slot) },
        RequestId id => new Storage.Row { Request = new Storage.Request { Id = id.ToString() } },
        ClusterId id => new Storage.Row { Cluster = new Storage.Cluster { Id = id.ToString() } },
        _ => throw new InvariantException($"{key.GetType()} is not a key of the store"),
    };

    public static object ToModel(Storage.Row row) => row.RowCase switch
    {
        Storage.Row.RowOneofCase.Task => FieldReader.RequiredTaskId(row.Task.Id, "task.id"),
        Storage.Row.RowOneofCase.Node => FieldReader.RequiredNodeId(row.Node.Id, "node.id"),
        Storage.Row.RowOneofCase.Service => FieldReader.RequiredServiceId(row.Service.Id, "service.id"),
        Storage.Row.RowOneofCase.Template => FieldReader.RequiredTemplateId(row.Template.Id, "template.id"),
        Storage.Row.RowOneofCase.PortClaim => FieldReader.Required(row.PortClaim, "port_claim", ToModel),
        Storage.Row.RowOneofCase.RestartHistory => FieldReader.Required(row.RestartHistory, "restart_history", ToModel),
        Storage.Row.RowOneofCase.Request => FieldReader.RequiredRequestId(row.Request.Id, "request.id"),
        Storage.Row.RowOneofCase.Cluster => FieldReader.RequiredClusterId(row.Cluster.Id, "cluster.id"),
        _ => throw new CodecException("row", "is empty or of a table that this version does not know"),
    };

    internal static Storage.PortClaim ToProto(PortClaimKey key) =>
        new() { NodeId = key.NodeId.ToString(), Protocol = key.Protocol.ToProto(), Port = key.Port };

    internal static PortClaimKey ToModel(Storage.PortClaim proto) =>
        new(FieldReader.RequiredNodeId(proto.NodeId, "node_id"), proto.Protocol.ToModel("protocol"), proto.Port);

    internal static Storage.RestartHistory ToProto(SlotKey key) =>
        new() { ServiceId = key.ServiceId.ToString(), Slot = key.Slot, NodeId = key.NodeId.ToString() };

    internal static SlotKey ToModel(Storage.RestartHistory proto) =>
        new(FieldReader.RequiredServiceId(proto.ServiceId, "service_id"), proto.Slot, FieldReader.OptionalNodeId(proto.NodeId, "node_id"));
}
