using Google.Protobuf;

namespace Cluster.Api.Codec;

/// <summary>Log entries to bytes and back.</summary>
public static class EntryCodec
{
    public static byte[] Encode(StoreEntry entry) => ToProto(entry).ToByteArray();

    /// <exception cref="CodecException">The bytes are not an entry that this version can read.</exception>
    public static StoreEntry Decode(ReadOnlySpan<byte> bytes)
    {
        Storage.Entry proto;
        try
        {
            proto = Storage.Entry.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CodecException("entry", $"is not a protobuf message: {e.Message}");
        }

        return ToModel(proto);
    }

    private static Storage.Entry ToProto(StoreEntry entry)
    {
        Storage.Entry proto = new()
        {
            Incarnation = entry.Incarnation,
            Term = entry.Term,
            Version = entry.Version,
            PreviousVersion = entry.PreviousVersion,
            ClusterTimeTicks = entry.Time.Ticks,
            Actor = entry.Actor,
            RequestId = entry.RequestId.ToString(),
        };
        foreach (object row in entry.Puts) proto.Puts.Add(RowCodec.ToProto(row));
        foreach (object key in entry.Deletes) proto.Deletes.Add(RowKeyCodec.ToProto(key));
        return proto;
    }

    private static StoreEntry ToModel(Storage.Entry proto) => new()
    {
        Incarnation = proto.Incarnation,
        Term = proto.Term,
        Version = proto.Version,
        PreviousVersion = proto.PreviousVersion,
        Time = FieldReader.Time(proto.ClusterTimeTicks, "cluster_time_ticks"),
        Actor = proto.Actor,
        RequestId = FieldReader.OptionalRequestId(proto.RequestId, "request_id"),
        Puts = FieldReader.List(proto.Puts, "puts", RowCodec.ToModel),
        Deletes = FieldReader.List(proto.Deletes, "deletes", RowKeyCodec.ToModel),
    };
}
