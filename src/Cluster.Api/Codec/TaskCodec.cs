using Cluster.Model.Objects;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Api.Codec;

/// <summary>Tasks, their status and their host ports.</summary>
public static class TaskCodec
{
    public static V1.Task ToProto(this TaskRecord model) => new()
    {
        Id = model.Id.ToString(),
        Meta = model.Meta.ToProto(),
        ServiceId = model.ServiceId.ToString(),
        Slot = model.Slot,
        TemplateId = model.Template.ToString(),
        NodeId = model.NodeId.ToString(),
        DesiredState = model.DesiredState.ToProto(),
        Status = model.Status.ToProto(),
        StartAfterTicks = model.StartAfter.Ticks,
        HostPorts = { model.HostPorts.Select(ToProto) },
    };

    public static TaskRecord ToModel(this V1.Task proto) => new()
    {
        Id = FieldReader.RequiredTaskId(proto.Id, "id"),
        Meta = FieldReader.OrDefault(proto.Meta, "meta", MetaCodec.ToModel, default),
        ServiceId = FieldReader.RequiredServiceId(proto.ServiceId, "service_id"),
        Slot = proto.Slot,
        Template = FieldReader.RequiredTemplateId(proto.TemplateId, "template_id"),
        NodeId = FieldReader.OptionalNodeId(proto.NodeId, "node_id"),
        DesiredState = proto.DesiredState.ToModel("desired_state"),
        Status = FieldReader.Required(proto.Status, "status", ToModel),
        StartAfter = FieldReader.Time(proto.StartAfterTicks, "start_after_ticks"),
        HostPorts = FieldReader.List(proto.HostPorts, "host_ports", ToModel),
    };

    public static V1.TaskStatus ToProto(this TaskStatus model)
    {
        V1.TaskStatus proto = new()
        {
            State = model.State.ToProto(),
            SinceTicks = model.Since.Ticks,
            Message = model.Message,
            Error = model.Error,
            Pid = model.Pid,
        };
        if (model.ExitCode is { } code) proto.ExitCode = code;
        return proto;
    }

    public static TaskStatus ToModel(this V1.TaskStatus proto) => new()
    {
        State = proto.State.ToModel("state"),
        Since = FieldReader.Time(proto.SinceTicks, "since_ticks"),
        Message = proto.Message,
        Error = proto.Error,
        ExitCode = proto.HasExitCode ? proto.ExitCode : null,
        Pid = proto.Pid,
    };

    public static V1.HostPort ToProto(this HostPort model) => new()
    {
        Protocol = model.Protocol.ToProto(),
        TargetPort = model.TargetPort,
        PublishedPort = model.PublishedPort,
    };

    public static HostPort ToModel(this V1.HostPort proto) => new(proto.Protocol.ToModel("protocol"), proto.TargetPort, proto.PublishedPort);
}
