using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Cluster.Api.Codec;

/// <summary>Plain bytes.</summary>
public static class BytesCodec
{
    /// <summary>Without a copy: both sides are immutable.</summary>
    public static ByteString ToProto(this ImmutableArray<byte> model) =>
        model.IsDefaultOrEmpty ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(ImmutableCollectionsMarshal.AsArray(model));

    public static ImmutableArray<byte> ToModel(this ByteString proto) => [.. proto.Span];
}
