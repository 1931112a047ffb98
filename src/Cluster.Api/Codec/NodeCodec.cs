using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.Time;
using Google.Protobuf;

namespace Cluster.Api.Codec;

/// <summary>Nodes and what they say of themselves.</summary>
public static class NodeCodec
{
    /// <summary><c>leader</c> is not of the model: API answers set it.</summary>
    public static V1.Node ToProto(this NodeRecord model) => new()
    {
        Id = model.Id.ToString(),
        Meta = model.Meta.ToProto(),
        Spec = model.Spec.ToProto(),
        Description = model.Description.ToProto(),
        Status = model.Status.ToProto(),
        Manager = model.Manager is { } manager ? new V1.ManagerInfo { RaftMemberId = manager.RaftMemberId, Address = manager.Address, FeatureLevel = manager.FeatureLevel == FeatureLevels.First ? 0 : manager.FeatureLevel } : null,
        Certificate = model.Certificate.ToProto(),
    };

    public static NodeRecord ToModel(this V1.Node proto) => new()
    {
        Id = FieldReader.RequiredNodeId(proto.Id, "id"),
        Meta = FieldReader.OrDefault(proto.Meta, "meta", MetaCodec.ToModel, default),
        Spec = FieldReader.Required(proto.Spec, "spec", SpecCodec.ToModel),
        Description = FieldReader.OrDefault(proto.Description, "description", ToModel, new NodeDescription()),
        Status = FieldReader.OrDefault(proto.Status, "status", ToModel, new NodeStatus()),
        Manager = proto.Manager is { } manager ? new ManagerInfo(manager.RaftMemberId, manager.Address, Math.Max(manager.FeatureLevel, FeatureLevels.First)) : null,
        Certificate = FieldReader.Required(proto.Certificate, "certificate", ToModel),
    };

    public static V1.NodeDescription ToProto(this NodeDescription model) => new()
    {
        Hostname = model.Hostname,
        Os = model.Os,
        Architecture = model.Architecture,
        Resources = model.Resources.ToProto(),
        EngineVersion = model.EngineVersion,
        EngineLabels = { model.EngineLabels.Items },
    };

    public static NodeDescription ToModel(this V1.NodeDescription proto) => new()
    {
        Hostname = proto.Hostname,
        Os = proto.Os,
        Architecture = proto.Architecture,
        Resources = FieldReader.OrDefault(proto.Resources, "resources", PolicyCodec.ToModel, default(Resources)),
        EngineVersion = proto.EngineVersion,
        EngineLabels = FieldReader.Map(proto.EngineLabels),
    };

    public static V1.NodeStatus ToProto(this NodeStatus model) => new()
    {
        State = model.State.ToProto(),
        Message = model.Message,
        Address = model.Address,
        SinceTicks = model.Since.Ticks,
        ClockSkewTicks = model.ClockSkew.Ticks,
    };

    public static NodeStatus ToModel(this V1.NodeStatus proto) => new()
    {
        State = proto.State.ToModel("state"),
        Message = proto.Message,
        Address = proto.Address,
        Since = FieldReader.Time(proto.SinceTicks, "since_ticks"),
        ClockSkew = new TimeSpan(proto.ClockSkewTicks),
    };

    public static V1.NodeCertificate ToProto(this NodeCertificate model) => new()
    {
        PublicKeyDigest = model.PublicKeyDigest.ToProto(),
        CertificateDer = model.CertificateDer.ToProto(),
        Role = model.Role.ToProto(),
        IssuerDigest = model.IssuerDigest.ToProto(),
    };

    public static NodeCertificate ToModel(this V1.NodeCertificate proto) =>
        new(proto.PublicKeyDigest.ToModel(), proto.CertificateDer.ToModel(), proto.Role.ToModel("role"), proto.IssuerDigest.ToModel());
}
