using System.IO.Pipelines;
using Cluster.Agent.Runtime;
using Cluster.Api.V1;
using Cluster.Model.Time;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Agent.Images;

/// <summary>The node's images on the daemon's local socket. The archive is streamed: it is never whole in memory.</summary>
internal sealed class ImageService(IImageStore images) : Api.V1.Images.ImagesBase
{
    public override async Task<LoadImageResponse> LoadImage(IAsyncStreamReader<LoadImageRequest> requestStream, ServerCallContext context)
    {
        CancellationToken ct = context.CancellationToken;
        Pipe pipe = new();
        Task receiving = ReceiveAsync(requestStream, pipe.Writer, ct);
        try
        {
            IReadOnlyList<string> references = await images.LoadAsync(pipe.Reader.AsStream(), ct);
            await pipe.Reader.CompleteAsync();
            await receiving;
            return new LoadImageResponse { References = { references } };
        }
        catch (RuntimeException e)
        {
            await pipe.Reader.CompleteAsync();
            throw new RpcException(new Status(e.IsTemporary ? StatusCode.Unavailable : StatusCode.InvalidArgument, e.Message));
        }
    }

    public override async Task<ListImagesResponse> ListImages(ListImagesRequest request, ServerCallContext context)
    {
        try
        {
            IReadOnlyList<ImageInfo> all = await images.ListAsync(context.CancellationToken);
            return new ListImagesResponse
            {
                Images =
                {
                    all.OrderBy(image => image.Reference, StringComparer.Ordinal).Select(image => new Image
                    {
                        Reference = image.Reference,
                        Digest = image.Digest,
                        SizeBytes = image.SizeBytes,
                        CreatedAtTicks = ClusterTime.FromUtc(image.CreatedAt).Ticks,
                    }),
                },
            };
        }
        catch (RuntimeException e)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, e.Message));
        }
    }

    private static async Task ReceiveAsync(IAsyncStreamReader<LoadImageRequest> requestStream, PipeWriter writer, CancellationToken ct)
    {
        try
        {
            while (await requestStream.MoveNext(ct))
            {
                FlushResult flushed = await writer.WriteAsync(requestStream.Current.Data.Memory, ct);
                if (flushed.IsCompleted) break;
            }

            await writer.CompleteAsync();
        }
        catch (Exception e)
        {
            await writer.CompleteAsync(e);
            throw;
        }
    }
}
