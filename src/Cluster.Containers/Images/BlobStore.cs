using Cluster.Containers.Containerd;
using Cluster.Containers.Wire.Content;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Status = Cluster.Containers.Wire.Content.Status;

namespace Cluster.Containers.Images;

/// <summary>containerd's content store: blobs by digest. Safe for use by any thread, except that one ref has one writer.</summary>
internal sealed class BlobStore(ContainerdClient client)
{
    private const int ChunkBytes = 512 * 1024;

    /// <summary>
    /// Writes a blob from a stream that stands at its beginning. What an interrupted write under the same ref has left is not sent again,
    /// but read over. The store verifies size and digest. A blob that exists already is success, and then nothing is read.
    /// </summary>
    public async Task WriteAsync(string reference, string digest, long size, Stream source, Metadata headers, CancellationToken ct)
    {
        try
        {
            using AsyncDuplexStreamingCall<WriteContentRequest, WriteContentResponse> call = client.Content.Write(headers, cancellationToken: ct);
            WriteContentResponse status = await ExchangeAsync(call, new WriteContentRequest { Action = WriteAction.Stat, Ref = reference, Total = size, Expected = digest }, ct);
            long offset = await SkipAsync(source, status.Offset, ct);
            byte[] buffer = new byte[ChunkBytes];
            int count;
            while ((count = await source.ReadAtLeastAsync(buffer, ChunkBytes, throwOnEndOfStream: false, ct)) > 0)
            {
                ByteString data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count));
                offset += count;
                WriteContentResponse written = await ExchangeAsync(call, new WriteContentRequest { Action = WriteAction.Write, Offset = offset - count, Data = data }, ct);
                if (written.Offset != offset) throw new IOException($"containerd took {written.Offset} bytes of {digest}, not {offset}");
            }

            await ExchangeAsync(call, new WriteContentRequest { Action = WriteAction.Commit, Offset = offset, Total = size, Expected = digest }, ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsAlreadyThere(e))
        {
            // Of this image, of another one, or of another namespace.
        }
    }

    /// <summary>The whole of a small blob.</summary>
    public async Task<byte[]> ReadAsync(string digest, int maxBytes, CancellationToken ct)
    {
        using MemoryStream bytes = new();
        using AsyncServerStreamingCall<ReadContentResponse> call = client.Content.Read(new ReadContentRequest { Digest = digest }, cancellationToken: ct);
        while (await call.ResponseStream.MoveNext(ct))
        {
            ByteString data = call.ResponseStream.Current.Data;
            if (bytes.Length + data.Length > maxBytes) throw new ImageFormatException($"{digest} has more than {maxBytes} bytes: no document of an image is that large");
            data.WriteTo(bytes);
        }

        return bytes.ToArray();
    }

    /// <summary>The size of a blob, -1 when it is not there.</summary>
    public async Task<long> SizeAsync(string digest, CancellationToken ct)
    {
        try
        {
            return (await client.Content.InfoAsync(new InfoRequest { Digest = digest }, cancellationToken: ct)).Info.Size;
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            return -1;
        }
    }

    /// <summary>Labels with the prefix containerd.io/gc.ref are what the garbage collection follows.</summary>
    public async Task LabelAsync(string digest, IReadOnlyDictionary<string, string> labels, CancellationToken ct)
    {
        UpdateRequest request = new() { Info = new Info { Digest = digest }, UpdateMask = new FieldMask() };
        foreach ((string key, string value) in labels)
        {
            request.Info.Labels[key] = value;
            request.UpdateMask.Paths.Add("labels." + key);
        }

        await client.Content.UpdateAsync(request, cancellationToken: ct);
    }

    /// <summary>Throws away what unfinished writes whose ref begins so have left.</summary>
    public async Task AbortAsync(string referencePrefix, CancellationToken ct)
    {
        ListStatusesResponse open = await client.Content.ListStatusesAsync(new ListStatusesRequest(), cancellationToken: ct);
        foreach (Status status in open.Statuses)
        {
            if (!status.Ref.StartsWith(referencePrefix, StringComparison.Ordinal)) continue;
            try
            {
                await client.Content.AbortAsync(new AbortRequest { Ref = status.Ref }, cancellationToken: ct);
            }
            catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
            {
                // It was finished meanwhile.
            }
        }
    }

    private static async Task<WriteContentResponse> ExchangeAsync(
        AsyncDuplexStreamingCall<WriteContentRequest, WriteContentResponse> call, WriteContentRequest request, CancellationToken ct)
    {
        try
        {
            await call.RequestStream.WriteAsync(request, ct);
        }
        catch (Exception e) when (e is RpcException or IOException or InvalidOperationException && !ct.IsCancellationRequested)
        {
            // The call has ended: the reading side says why.
        }

        if (await call.ResponseStream.MoveNext(ct)) return call.ResponseStream.Current;
        throw new IOException("containerd closed the stream of a write");
    }

    private static async Task<long> SkipAsync(Stream source, long count, CancellationToken ct)
    {
        byte[] buffer = new byte[81920];
        long left = count;
        while (left > 0)
        {
            int read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), ct);
            if (read == 0) throw new ImageFormatException("the archive ends inside a blob");
            left -= read;
        }

        return count;
    }
}
