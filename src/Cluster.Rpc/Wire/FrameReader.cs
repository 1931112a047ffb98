using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Cluster.Rpc.Wire;

/// <summary>Takes length-prefixed messages from received bytes: one byte of flags, four of length, the message.</summary>
internal static class FrameReader
{
    public const int HeaderBytes = 5;

    /// <summary>
    /// Takes one message off the front of the buffer; false while it is not whole. The length is checked as soon as the header is there,
    /// before anyone makes room for the message.
    /// </summary>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, int maxBytes, bool isGzipAllowed, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < HeaderBytes) return false;
        (bool isCompressed, int length) = ReadHeader(buffer, maxBytes);
        if (buffer.Length < HeaderBytes + length) return false;

        message = buffer.Slice(HeaderBytes, length);
        buffer = buffer.Slice(message.End);
        if (!isCompressed) return true;
        if (!isGzipAllowed) throw new RpcException(new Status(StatusCode.Internal, "A message is compressed although no grpc-encoding was announced."));
        message = new ReadOnlySequence<byte>(GzipCodec.Decompress(message, maxBytes));
        return true;
    }

    /// <summary>How many bytes the first message takes with its header, for a buffer that holds at least the header.</summary>
    public static int FrameBytes(ReadOnlySpan<byte> buffer) => HeaderBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(buffer[1..]);

    private static (bool IsCompressed, int Length) ReadHeader(ReadOnlySequence<byte> buffer, int maxBytes)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (header[0] > 1) throw new RpcException(new Status(StatusCode.Internal, "A message has unknown flags."));
        if (length > (uint)maxBytes)
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"A received message of {length} bytes is larger than the limit of {maxBytes}."));
        return (header[0] == 1, (int)length);
    }
}
