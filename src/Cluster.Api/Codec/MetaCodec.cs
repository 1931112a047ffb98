using Cluster.Model.Objects;

namespace Cluster.Api.Codec;

/// <summary>Versions and times.</summary>
internal static class MetaCodec
{
    public static V1.Meta ToProto(this ObjectMeta model) => new()
    {
        CreatedVersion = model.CreatedVersion,
        Version = model.Version,
        CreatedAtTicks = model.CreatedAt.Ticks,
        UpdatedAtTicks = model.UpdatedAt.Ticks,
    };

    public static ObjectMeta ToModel(this V1.Meta proto) => new(
        proto.CreatedVersion,
        proto.Version,
        FieldReader.Time(proto.CreatedAtTicks, "created_at_ticks"),
        FieldReader.Time(proto.UpdatedAtTicks, "updated_at_ticks"));
}
