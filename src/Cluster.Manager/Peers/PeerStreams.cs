using System.Buffers.Binary;
using Google.Protobuf;

namespace Cluster.Manager.Peers;

/// <summary>What both ends of a stream of Raft's messages have in common; see raft.proto.</summary>
internal static class PeerStreams
{
    /// <summary>In the TLS handshake, in place of HTTP/2's.</summary>
    public const string Protocol = "cluster-raft-1";

    /// <summary>The name by which the access table knows it.</summary>
    public const string Method = "/cluster.v1.RaftPeers/Stream";

    /// <summary>Of headers and answers.</summary>
    private const int MaxFrameBytes = 64 << 10;

    public static async ValueTask WriteFrameAsync(Stream stream, IMessage message, CancellationToken ct)
    {
        byte[] frame = new byte[MessageWriter.LengthBytes + message.CalculateSize()];
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - MessageWriter.LengthBytes);
        message.WriteTo(frame.AsSpan(MessageWriter.LengthBytes));
        await stream.WriteAsync(frame, ct);
    }

    /// <summary>Null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">This is no frame.</exception>
    public static async ValueTask<T?> ReadFrameAsync<T>(Stream stream, MessageParser<T> parser, CancellationToken ct)
        where T : class, IMessage<T>
    {
        byte[] prefix = new byte[MessageWriter.LengthBytes];
        if (await stream.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false, ct) < prefix.Length) return null;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length > MaxFrameBytes) throw new InvalidDataException($"a frame of {length} bytes is announced; the limit is {MaxFrameBytes}");
        byte[] frame = new byte[length];
        if (await stream.ReadAtLeastAsync(frame, frame.Length, throwOnEndOfStream: false, ct) < frame.Length) return null;
        try
        {
            return parser.ParseFrom(frame);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"a frame cannot be read: {e.Message}", e);
        }
    }
}
