using System.Net;
using System.Net.Http.Headers;
using Cluster.Rpc.Wire;

namespace Cluster.Rpc.Client;

/// <summary>A request body of gRPC messages. Its length is never announced: the number of messages may be unknown.</summary>
internal abstract class GrpcContent : HttpContent
{
    private static readonly MediaTypeHeaderValue GrpcMediaType = new(WireHeaders.GrpcContentType);

    protected GrpcContent() => Headers.ContentType = GrpcMediaType;

    protected abstract override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
