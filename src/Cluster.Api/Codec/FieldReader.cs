using System.Buffers.Binary;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.Time;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Cluster.Api.Codec;

/// <summary>Reads the fields that many messages share, each with an error that names the field.</summary>
internal static class FieldReader
{
    private const string IdFormat = "25 characters of 0-9 and a-z";

    /// <summary>Reads a message that must be there; an error inside is named from here.</summary>
    public static TModel Required<TProto, TModel>(TProto? proto, string field, Func<TProto, TModel> read) where TProto : class
    {
        if (proto is null) throw new CodecException(field, "is missing and is required");
        return Nested(proto, field, read);
    }

    /// <summary>Reads a message that may be absent, which stands for the default.</summary>
    public static TModel OrDefault<TProto, TModel>(TProto? proto, string field, Func<TProto, TModel> read, TModel absent) where TProto : class =>
        proto is null ? absent : Nested(proto, field, read);

    public static ValueList<TModel> List<TProto, TModel>(RepeatedField<TProto> protos, string field, Func<TProto, TModel> read)
    {
        if (protos.Count == 0) return [];
        TModel[] items = new TModel[protos.Count];
        for (int i = 0; i < items.Length; i++)
        {
            try
            {
                items[i] = read(protos[i]);
            }
            catch (CodecException e)
            {
                throw e.Within($"{field}[{i}]");
            }
        }

        return items.ToValueList();
    }

    public static ValueList<string> Texts(RepeatedField<string> texts) => texts.Count == 0 ? [] : texts.ToValueList();

    public static string? TextOrNull(string text) => text.Length == 0 ? null : text;

    public static Labels Map(MapField<string, string> map) => map.Count == 0 ? Labels.Empty : Labels.From(map);

    public static ClusterTime Time(long ticks, string field) =>
        ticks >= 0 && ticks <= ClusterTime.MaxValue.Ticks
            ? new ClusterTime(ticks)
            : throw new CodecException(field, $"{ticks} is not a time; allowed are 100 ns ticks from 0 to {ClusterTime.MaxValue.Ticks}");

    public static NodeId OptionalNodeId(string text, string field) => NodeId.TryParse(text, out NodeId id) ? id : throw BadId(text, field);

    public static NodeId RequiredNodeId(string text, string field) => Given(OptionalNodeId(text, field), text, field);

    public static ServiceId RequiredServiceId(string text, string field) => ServiceId.TryParse(text, out ServiceId id) ? Given(id, text, field) : throw BadId(text, field);

    public static TaskId RequiredTaskId(string text, string field) => TaskId.TryParse(text, out TaskId id) ? Given(id, text, field) : throw BadId(text, field);

    public static TemplateId RequiredTemplateId(string text, string field) => TemplateId.TryParse(text, out TemplateId id) ? Given(id, text, field) : throw BadId(text, field);

    public static RequestId OptionalRequestId(string text, string field) => RequestId.TryParse(text, out RequestId id) ? id : throw BadId(text, field);

    public static RequestId RequiredRequestId(string text, string field) => Given(OptionalRequestId(text, field), text, field);

    public static ClusterId RequiredClusterId(string text, string field) => ClusterId.TryParse(text, out ClusterId id) ? Given(id, text, field) : throw BadId(text, field);

    public static UInt128 Number128(ByteString bytes, string field) =>
        bytes.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(bytes.Span) : throw new CodecException(field, $"has {bytes.Length} bytes; it must have 16");

    public static ByteString ToBytes(UInt128 value)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    private static TModel Nested<TProto, TModel>(TProto proto, string field, Func<TProto, TModel> read)
    {
        try
        {
            return read(proto);
        }
        catch (CodecException e)
        {
            throw e.Within(field);
        }
    }

    private static T Given<T>(T id, string text, string field) where T : struct, IEquatable<T> =>
        id.Equals(default) ? throw new CodecException(field, text.Length == 0 ? $"is missing; an id is {IdFormat}" : "is zero, which is no id") : id;

    private static CodecException BadId(string text, string field) => new(field, $"'{Shortened(text)}' is not an id; an id is {IdFormat}");

    private static string Shortened(string text) => text.Length <= 64 ? text : string.Concat(text.AsSpan(0, 61), "...");
}
