using System.Buffers;
using System.IO.Compression;
using Grpc.Core;

namespace Cluster.Rpc.Wire;

/// <summary>Compression of single messages. Decompression stops at the limit: a small message must not become an arbitrarily large one.</summary>
internal static class GzipCodec
{
    private const int ChunkBytes = 8192;

    public static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> message)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(message.Span);
        return compressed.GetBuffer().AsMemory(0, (int)compressed.Length);
    }

    public static ReadOnlyMemory<byte> Decompress(ReadOnlySequence<byte> compressed, int maxBytes)
    {
        var message = new ArrayBufferWriter<byte>();
        try
        {
            using var gzip = new GZipStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            for (int read; (read = gzip.Read(message.GetSpan(ChunkBytes))) > 0;)
            {
                message.Advance(read);
                if (message.WrittenCount <= maxBytes) continue;
                throw new RpcException(new Status(StatusCode.ResourceExhausted, $"A decompressed message is larger than the limit of {maxBytes} bytes."));
            }
        }
        catch (InvalidDataException e)
        {
            throw new RpcException(new Status(StatusCode.Internal, "A compressed message is damaged.", e));
        }
        return message.WrittenMemory;
    }
}
