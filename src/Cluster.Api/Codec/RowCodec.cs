using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Api.Codec;

/// <summary>
/// The store's rows, one record type for each table: <see cref="ClusterRecord"/>, <see cref="NodeRecord"/>,
/// <see cref="ServiceRecord"/>, <see cref="TaskTemplate"/>, <see cref="TaskRecord"/>, <see cref="PortClaim"/>,
/// <see cref="RestartHistory"/>, <see cref="RequestRecord"/>. Equal rows have equal bytes.
/// </summary>
public static class RowCodec
{
    public static Storage.Row ToProto(object row) => row switch
    {
        TaskRecord task => new Storage.Row { Task = task.ToProto() },
        NodeRecord node => new Storage.Row { Node = node.ToProto() },
        ServiceRecord service => new Storage.Row { Service = service.ToProto() },
        TaskTemplate template => new Storage.Row { Template = template.ToProto() },
        PortClaim claim => new Storage.Row { PortClaim = ToProto(claim) },
        RestartHistory history => new Storage.Row { RestartHistory = ToProto(history) },
        RequestRecord request => new Storage.Row { Request = ToProto(request) },
        ClusterRecord cluster => new Storage.Row { Cluster = cluster.ToStorageProto() },
        _ => throw new InvariantException($"{row.GetType()} is not a row of the store"),
    };

    public static object ToModel(Storage.Row row) => row.RowCase switch
    {
        Storage.Row.RowOneofCase.Task => FieldReader.Required(row.Task, "task", TaskCodec.ToModel),
        Storage.Row.RowOneofCase.Node => FieldReader.Required(row.Node, "node", NodeCodec.ToModel),
        Storage.Row.RowOneofCase.Service => FieldReader.Required(row.Service, "service", ServiceCodec.ToModel),
        Storage.Row.RowOneofCase.Template => FieldReader.Required(row.Template, "template", ServiceCodec.ToModel),
        Storage.Row.RowOneofCase.PortClaim => FieldReader.Required(row.PortClaim, "port_claim", ToModel),
        Storage.Row.RowOneofCase.RestartHistory => FieldReader.Required(row.RestartHistory, "restart_history", ToModel),
        Storage.Row.RowOneofCase.Request => FieldReader.Required(row.Request, "request", ToModel),
        Storage.Row.RowOneofCase.Cluster => FieldReader.Required(row.Cluster, "cluster", ClusterCodec.ToModel),
        _ => throw new CodecException("row", "is empty or of a table that this version does not know"),
    };

    private static Storage.PortClaim ToProto(PortClaim claim)
    {
        Storage.PortClaim proto = RowKeyCodec.ToProto(claim.Key);
        proto.TaskId = claim.TaskId.ToString();
        return proto;
    }

    private static PortClaim ToModel(Storage.PortClaim proto) => new(RowKeyCodec.ToModel(proto), FieldReader.RequiredTaskId(proto.TaskId, "task_id"));

    private static Storage.RestartHistory ToProto(RestartHistory history)
    {
        Storage.RestartHistory proto = RowKeyCodec.ToProto(history.Key);
        foreach (var attempt in history.Attempts) proto.AttemptsTicks.Add(attempt.Ticks);
        return proto;
    }

    private static RestartHistory ToModel(Storage.RestartHistory proto) =>
        new(RowKeyCodec.ToModel(proto), proto.AttemptsTicks.Select(ticks => FieldReader.Time(ticks, "attempts_ticks")).ToValueList());

    private static Storage.Request ToProto(RequestRecord request) => new()
    {
        Id = request.Id.ToString(),
        AtTicks = request.At.Ticks,
        Operation = request.Operation,
        ObjectId = FieldReader.ToBytes(request.ObjectId),
    };

    private static RequestRecord ToModel(Storage.Request proto) => new(
        FieldReader.RequiredRequestId(proto.Id, "id"),
        FieldReader.Time(proto.AtTicks, "at_ticks"),
        proto.Operation,
        FieldReader.Number128(proto.ObjectId, "object_id"));
}
