using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Cluster.Model.Objects;
using Google.Protobuf;

namespace Cluster.Api.Codec;

/// <summary>Versions, times and plain bytes.</summary>
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

    /// <summary>Without a copy: both sides are immutable.</summary>
    public static ByteString ToProto(this ImmutableArray<byte> model) =>
        model.IsDefaultOrEmpty ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(ImmutableCollectionsMarshal.AsArray(model));

    public static ImmutableArray<byte> ToModel(this ByteString proto) => [.. proto.Span];
}
