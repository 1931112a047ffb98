using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Api.Codec;

/// <summary>Services and the templates of their tasks.</summary>
public static class ServiceCodec
{
    public static V1.Service ToProto(this ServiceRecord model) => new()
    {
        Id = model.Id.ToString(),
        Meta = model.Meta.ToProto(),
        Spec = model.Spec.ToProto(),
        SpecVersion = model.SpecVersion,
        TemplateId = model.Template.ToString(),
        Removing = model.Removing,
    };

    public static ServiceRecord ToModel(this V1.Service proto) => new()
    {
        Id = FieldReader.RequiredServiceId(proto.Id, "id"),
        Meta = FieldReader.OrDefault(proto.Meta, "meta", MetaCodec.ToModel, default),
        Spec = FieldReader.Required(proto.Spec, "spec", SpecCodec.ToModel),
        SpecVersion = proto.SpecVersion,
        Template = FieldReader.RequiredTemplateId(proto.TemplateId, "template_id"),
        Removing = proto.Removing,
    };

    public static V1.TaskTemplate ToProto(this TaskTemplate model) => new()
    {
        Id = model.Id.ToString(),
        Meta = model.Meta.ToProto(),
        Container = model.Container.ToProto(),
        Resources = model.Resources.ToProto(),
        Network = model.Network.ToProto(),
        Ports = { model.Ports.Select(PolicyCodec.ToProto) },
        LogDriver = model.LogDriver?.ToProto(),
        ForceUpdate = model.ForceUpdate,
    };

    public static TaskTemplate ToModel(this V1.TaskTemplate proto) => new()
    {
        Id = FieldReader.RequiredTemplateId(proto.Id, "id"),
        Meta = FieldReader.OrDefault(proto.Meta, "meta", MetaCodec.ToModel, default),
        Container = FieldReader.Required(proto.Container, "container", ContainerCodec.ToModel),
        Resources = FieldReader.OrDefault(proto.Resources, "resources", PolicyCodec.ToModel, new ResourceRequirements()),
        Network = proto.Network.ToModel("network"),
        Ports = FieldReader.List(proto.Ports, "ports", PolicyCodec.ToModel),
        LogDriver = FieldReader.OrDefault<V1.LogDriver, LogDriver?>(proto.LogDriver, "log_driver", PolicyCodec.ToModel, null),
        ForceUpdate = proto.ForceUpdate,
    };
}
