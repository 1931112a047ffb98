using Cluster.Model.Specs;

namespace Cluster.Api.Codec;

/// <summary>
/// Specs of services, nodes and the cluster. Only the shape is checked here; whether the values make sense is for
/// <c>Cluster.Model.Validation</c>. Absent messages and fields stand for the model's defaults.
/// </summary>
public static class SpecCodec
{
    public static V1.ServiceSpec ToProto(this ServiceSpec model) => new()
    {
        Name = model.Name,
        Labels = { model.Labels.Items },
        Mode = model.Mode.ToProto(),
        Replicas = model.Replicas,
        Container = model.Container.ToProto(),
        Resources = model.Resources.ToProto(),
        Restart = model.Restart.ToProto(),
        Placement = model.Placement.ToProto(),
        Network = model.Network.ToProto(),
        Ports = { model.Ports.Select(PolicyCodec.ToProto) },
        LogDriver = model.LogDriver?.ToProto(),
        ForceUpdate = model.ForceUpdate,
    };

    public static ServiceSpec ToModel(this V1.ServiceSpec proto) => new()
    {
        Name = proto.Name,
        Labels = FieldReader.Map(proto.Labels),
        Mode = proto.Mode.ToModel("mode"),
        Replicas = proto.HasReplicas ? proto.Replicas : 1,
        Container = FieldReader.Required(proto.Container, "container", ContainerCodec.ToModel),
        Resources = FieldReader.OrDefault(proto.Resources, "resources", PolicyCodec.ToModel, new ResourceRequirements()),
        Restart = FieldReader.OrDefault(proto.Restart, "restart", PolicyCodec.ToModel, new RestartPolicy()),
        Placement = FieldReader.OrDefault(proto.Placement, "placement", PolicyCodec.ToModel, new Placement()),
        Network = proto.Network.ToModel("network"),
        Ports = FieldReader.List(proto.Ports, "ports", PolicyCodec.ToModel),
        LogDriver = FieldReader.OrDefault<V1.LogDriver, LogDriver?>(proto.LogDriver, "log_driver", PolicyCodec.ToModel, null),
        ForceUpdate = proto.ForceUpdate,
    };

    public static V1.NodeSpec ToProto(this NodeSpec model) => new()
    {
        Labels = { model.Labels.Items },
        Role = model.Role.ToProto(),
        Availability = model.Availability.ToProto(),
    };

    /// <summary>Role and availability must be given: a default would demote or undrain a node by omission.</summary>
    public static NodeSpec ToModel(this V1.NodeSpec proto) => new()
    {
        Labels = FieldReader.Map(proto.Labels),
        Role = proto.Role.ToModel("role"),
        Availability = proto.Availability.ToModel("availability"),
    };

    public static V1.ClusterSpec ToProto(this ClusterSpec model) => new()
    {
        TaskHistoryLimit = model.TaskHistoryLimit,
        HeartbeatPeriodTicks = model.HeartbeatPeriod.Ticks,
        CertificateExpiryTicks = model.CertificateExpiry.Ticks,
        OrphanAfterTicks = model.OrphanAfter.Ticks,
        Autolock = model.Autolock,
        ExternalCas = { model.ExternalAuthorities.Select(ToProto) },
    };

    public static ClusterSpec ToModel(this V1.ClusterSpec proto)
    {
        ClusterSpec defaults = new();
        return new ClusterSpec
        {
            TaskHistoryLimit = proto.HasTaskHistoryLimit ? proto.TaskHistoryLimit : defaults.TaskHistoryLimit,
            HeartbeatPeriod = SpanOr(proto.HeartbeatPeriodTicks, defaults.HeartbeatPeriod),
            CertificateExpiry = SpanOr(proto.CertificateExpiryTicks, defaults.CertificateExpiry),
            OrphanAfter = SpanOr(proto.OrphanAfterTicks, defaults.OrphanAfter),
            Autolock = proto.Autolock,
            ExternalAuthorities = FieldReader.List(proto.ExternalCas, "external_cas", ToModel),
        };
    }

    public static V1.ExternalCa ToProto(this ExternalAuthority model) =>
        new() { Protocol = ExternalAuthority.Protocol, Url = model.Url, RootCertificateDer = model.RootCertificateDer.ToProto() };

    public static ExternalAuthority ToModel(this V1.ExternalCa proto) => proto.Protocol == ExternalAuthority.Protocol
        ? new ExternalAuthority(proto.Url, proto.RootCertificateDer.ToModel())
        : throw new CodecException("protocol", $"'{proto.Protocol}' is not known; allowed is {ExternalAuthority.Protocol}");

    private static TimeSpan SpanOr(long ticks, TimeSpan absent) => ticks == 0 ? absent : TimeSpan.FromTicks(ticks);
}
