using System.Buffers.Binary;
using System.Security.Cryptography;
using Cluster.Api.Codec;
using Cluster.Api.Storage;
using Cluster.Cli.CommandLine;
using Google.Protobuf;

namespace Cluster.Cli.Backups;

/// <summary>Reads what a backup says of itself, and checks that all of it is there; needs no daemon.</summary>
internal static class BackupFile
{
    private const int MaxHeaderBytes = 64 << 10;
    private const int BufferBytes = 1 << 20;

    public static async Task<(SnapshotHeader Header, long Bytes)> InspectAsync(string path, CancellationToken ct)
    {
        await using FileStream file = File.OpenRead(path);
        byte[] begin = new byte[SnapshotFormat.Magic.Length + SnapshotFormat.LengthBytes];
        if (file.Length < begin.Length + SnapshotFormat.ChecksumBytes) throw Damaged(path, "it is cut off");
        await file.ReadExactlyAsync(begin, ct);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(begin.AsSpan(SnapshotFormat.Magic.Length));
        if (!begin.AsSpan(0, SnapshotFormat.Magic.Length).SequenceEqual(SnapshotFormat.Magic)) throw new CliException($"{path} is no backup of a cluster");
        if (length > MaxHeaderBytes || file.Length < begin.Length + length + SnapshotFormat.ChecksumBytes) throw Damaged(path, "it is cut off");
        byte[] header = new byte[length];
        await file.ReadExactlyAsync(header, ct);
        await CheckAsync(path, file, ct);
        try
        {
            return (SnapshotHeader.Parser.ParseFrom(header), file.Length);
        }
        catch (InvalidProtocolBufferException)
        {
            throw Damaged(path, "its header cannot be read");
        }
    }

    /// <summary>The last 32 bytes are the SHA-256 of all before.</summary>
    private static async Task CheckAsync(string path, FileStream file, CancellationToken ct)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferBytes];
        file.Position = 0;
        for (long left = file.Length - SnapshotFormat.ChecksumBytes; left > 0;)
        {
            int read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), ct);
            if (read == 0) throw Damaged(path, "it is cut off");
            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        byte[] checksum = new byte[SnapshotFormat.ChecksumBytes];
        await file.ReadExactlyAsync(checksum, ct);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(checksum)) throw Damaged(path, "its checksum is wrong");
    }

    private static CliException Damaged(string path, string why) => new($"the backup {path} is damaged: {why}");
}
