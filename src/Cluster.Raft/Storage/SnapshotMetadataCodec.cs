using System.Buffers;
using Cluster.Raft.Members;

namespace Cluster.Raft.Storage;

/// <summary>The first frame of a snapshot file.</summary>
internal static class SnapshotMetadataCodec
{
    public static byte[] Encode(SnapshotMetadata snapshot)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.WritePosition(snapshot.Position);
        MembershipCodec.Write(buffer, snapshot.Membership);
        return buffer.WrittenSpan.ToArray();
    }

    public static SnapshotMetadata Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var snapshot = new SnapshotMetadata(reader.ReadPosition(), MembershipCodec.Read(ref reader));
        reader.ExpectEnd();
        return snapshot;
    }
}
