using System.Buffers;
using System.Collections.Immutable;

namespace Cluster.Raft.Members;

/// <summary>The bytes of a membership: in configuration entries, snapshots and messages.</summary>
public static class MembershipCodec
{
    private const byte Version = 1;

    public static byte[] Encode(Membership membership)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(buffer, membership);
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">Not a membership, or of a later version.</exception>
    public static Membership Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var membership = Read(ref reader);
        reader.ExpectEnd();
        return membership;
    }

    internal static void Write(IBufferWriter<byte> buffer, Membership membership)
    {
        buffer.WriteByte(Version);
        WriteIds(buffer, membership.Voters);
        WriteIds(buffer, membership.Outgoing);
        WriteIds(buffer, membership.Learners);
        WriteIds(buffer, membership.LearnersNext);
        WriteIds(buffer, membership.Removed);
    }

    internal static Membership Read(ref WireReader reader)
    {
        var version = reader.ReadByte();
        if (version != Version)
            throw new InvalidDataException($"The membership has format version {version}; this program knows version {Version}.");
        return new Membership(ReadIds(ref reader), ReadIds(ref reader), ReadIds(ref reader), ReadIds(ref reader), ReadIds(ref reader));
    }

    private static void WriteIds(IBufferWriter<byte> buffer, ImmutableArray<MemberId> ids)
    {
        buffer.WriteUInt32((uint)ids.Length);
        foreach (var id in ids)
            buffer.WriteUInt64(id.Value);
    }

    private static ImmutableArray<MemberId> ReadIds(ref WireReader reader)
    {
        var count = reader.ReadCount(elementBytes: 8);
        var ids = ImmutableArray.CreateBuilder<MemberId>(count);
        for (var i = 0; i < count; i++)
            ids.Add(new MemberId(reader.ReadUInt64()));
        return ids.MoveToImmutable();
    }
}
