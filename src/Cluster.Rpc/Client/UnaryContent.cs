using System.Net;
using Cluster.Rpc.Wire;
using Grpc.Core;

namespace Cluster.Rpc.Client;

/// <summary>One message. Serialized whenever the body is asked for: the handler replays a request that the server did not take up.</summary>
internal sealed class UnaryContent<T>(RpcChannelOptions options, Marshaller<T> marshaller, T message, bool useGzip) : GrpcContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var frame = new PooledBufferWriter();
        FrameWriter.Write(frame, marshaller, message, options.MaxSendMessageBytes, useGzip);
        await stream.WriteAsync(frame.Written, cancellationToken);
        // Only here: a write that failed may still be reading the buffer, which is then left to the garbage collector.
        frame.Dispose();
    }
}
