using Cluster.Model.Specs;

namespace Cluster.Api.Codec;

/// <summary>The parts of a service spec beside the container.</summary>
public static class PolicyCodec
{
    public static V1.Resources ToProto(this Resources model) => new() { NanoCpus = model.NanoCpus, MemoryBytes = model.MemoryBytes };

    public static Resources ToModel(this V1.Resources proto) => new(proto.NanoCpus, proto.MemoryBytes);

    public static V1.ResourceRequirements ToProto(this ResourceRequirements model) => new()
    {
        Limits = model.Limits.ToProto(),
        Reservations = model.Reservations.ToProto(),
        PidsLimit = model.PidsLimit,
    };

    public static ResourceRequirements ToModel(this V1.ResourceRequirements proto) => new()
    {
        Limits = FieldReader.OrDefault(proto.Limits, "limits", ToModel, default(Resources)),
        Reservations = FieldReader.OrDefault(proto.Reservations, "reservations", ToModel, default(Resources)),
        PidsLimit = proto.PidsLimit,
    };

    public static V1.PortSpec ToProto(this PortSpec model) => new()
    {
        Protocol = model.Protocol.ToProto(),
        TargetPort = model.TargetPort,
        PublishedPort = model.PublishedPort,
        Mode = model.Mode.ToProto(),
    };

    public static PortSpec ToModel(this V1.PortSpec proto) =>
        new(proto.Protocol.ToModel("protocol"), proto.TargetPort, proto.PublishedPort, proto.Mode.ToModel("mode"));

    public static V1.RestartPolicy ToProto(this RestartPolicy model) => new()
    {
        Condition = model.Condition.ToProto(),
        DelayTicks = model.Delay.Ticks,
        MaxAttempts = model.MaxAttempts,
        WindowTicks = model.Window.Ticks,
    };

    public static RestartPolicy ToModel(this V1.RestartPolicy proto) => new()
    {
        Condition = proto.Condition.ToModel("condition"),
        Delay = proto.HasDelayTicks ? TimeSpan.FromTicks(proto.DelayTicks) : RestartPolicy.DefaultDelay,
        MaxAttempts = proto.MaxAttempts,
        Window = TimeSpan.FromTicks(proto.WindowTicks),
    };

    public static V1.Placement ToProto(this Placement model) => new()
    {
        Constraints = { model.Constraints },
        SpreadOver = { model.SpreadOver },
        MaxReplicasPerNode = model.MaxReplicasPerNode,
    };

    public static Placement ToModel(this V1.Placement proto) => new()
    {
        Constraints = FieldReader.Texts(proto.Constraints),
        SpreadOver = FieldReader.Texts(proto.SpreadOver),
        MaxReplicasPerNode = proto.MaxReplicasPerNode,
    };

    public static V1.LogDriver ToProto(this LogDriver model) => new() { Name = model.Name, Options = { model.Options.Items } };

    public static LogDriver ToModel(this V1.LogDriver proto) => new(proto.Name, FieldReader.Map(proto.Options));
}
