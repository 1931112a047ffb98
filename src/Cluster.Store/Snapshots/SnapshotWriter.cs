using System.Buffers.Binary;
using System.Security.Cryptography;
using Cluster.Api.Codec;
using Cluster.Api.Storage;
using Google.Protobuf;

namespace Cluster.Store.Snapshots;

/// <summary>Writes a state as bytes. Equal states give equal bytes, on every replica.</summary>
public static class SnapshotWriter
{
    /// <summary>Writes the snapshot and returns its digest. May run on any thread, for as long as it takes: the state does not change.</summary>
    public static byte[] Write(StoreSnapshot snapshot, Stream target, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = SnapshotFormat.Magic.ToArray();
        Append(buffer);
        Write(new SnapshotHeader
        {
            Format = SnapshotFormat.Current,
            ClusterId = snapshot.Cluster?.Id.ToString() ?? "",
            Incarnation = snapshot.Incarnation,
            Version = snapshot.Version,
            ClusterTimeTicks = snapshot.Time.Ticks,
            Rows = (ulong)SnapshotRows.Count(snapshot),
        });
        foreach (object row in SnapshotRows.Of(snapshot))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(RowCodec.ToProto(row));
        }

        byte[] digest = hash.GetHashAndReset();
        target.Write(digest);
        return digest;

        void Write(IMessage message)
        {
            int size = message.CalculateSize();
            if (buffer.Length < SnapshotFormat.LengthBytes + size) buffer = new byte[Math.Max(2 * buffer.Length, SnapshotFormat.LengthBytes + size)];
            BinaryPrimitives.WriteUInt32LittleEndian(buffer, (uint)size);
            message.WriteTo(buffer.AsSpan(SnapshotFormat.LengthBytes, size));
            Append(buffer.AsSpan(0, SnapshotFormat.LengthBytes + size));
        }

        void Append(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            target.Write(bytes);
        }
    }

    /// <summary>32 bytes that are equal if and only if version, incarnation, time and all rows are: to compare replicas. Costs a walk over all rows.</summary>
    public static byte[] Digest(StoreSnapshot snapshot) => Write(snapshot, Stream.Null, CancellationToken.None);
}
