using Cluster.Agent.Runtime;
using Cluster.Containers.Containerd;
using Cluster.Containers.Wire.Images;
using Cluster.Containers.Wire.Leases;
using Cluster.Containers.Wire.Types;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Cluster.Containers.Images;

/// <summary>
/// The node's images in containerd. A load runs under a lease: until every blob of an image has been verified and its layers unpacked,
/// nothing refers to it, and with the lease everything goes again. One load at a time; what containers are made of is looked up by any thread.
/// </summary>
internal sealed partial class ImageStore(
    ContainerdClient client, BlobStore blobs, ImageReader reader, LayerUnpacker unpacker, TimeProvider timeProvider, ILogger<ImageStore> logger) : IImageStore, IDisposable
{
    private const string LoadLease = "image-load";
    private const string IngestPrefix = "load-";
    private const string RefPrefix = "containerd.io/gc.ref.";
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly ImageCache _cache = new();

    public async Task<IReadOnlyList<string>> LoadAsync(Stream archive, CancellationToken ct)
    {
        await _loading.WaitAsync(ct);
        try
        {
            await LeaseAsync(ct);
            bool isDone = false;
            try
            {
                IReadOnlyList<string> loaded = await LoadUnderLeaseAsync(archive, ct);
                isDone = true;
                return loaded;
            }
            finally
            {
                await ReleaseAsync(collect: !isDone);
            }
        }
        catch (ImageFormatException e)
        {
            throw new RuntimeException($"the image archive was refused: {e.Message}", IsTemporary: false, e);
        }
        catch (RpcException e) when (!ct.IsCancellationRequested)
        {
            bool isWrong = e.StatusCode is StatusCode.FailedPrecondition or StatusCode.InvalidArgument or StatusCode.OutOfRange;
            throw isWrong ? new RuntimeException($"the image archive was refused: {e.Status.Detail}", IsTemporary: false, e) : ContainerdFailure.Of("load an image", e);
        }
        finally
        {
            _loading.Release();
        }
    }

    public async Task<IReadOnlyList<ImageInfo>> ListAsync(CancellationToken ct)
    {
        try
        {
            ListImagesResponse images = await client.Images.ListAsync(new ListImagesRequest(), cancellationToken: ct);
            List<ImageInfo> list = [];
            foreach (Image image in images.Images.OrderBy(image => image.Name, StringComparer.Ordinal))
            {
                DateTimeOffset createdAt = image.CreatedAt?.ToDateTimeOffset() ?? DateTimeOffset.UnixEpoch;
                list.Add(new ImageInfo(ImageName.Shorten(image.Name), image.Target.Digest, await SizeAsync(image.Target, ct), createdAt));
            }

            return list;
        }
        catch (RpcException e) when (!ct.IsCancellationRequested)
        {
            throw ContainerdFailure.Of("list images", e);
        }
    }

    /// <summary>What a container of this image is made from. A missing image is the task's fault.</summary>
    public async Task<ImageLayers> FindAsync(string reference, CancellationToken ct)
    {
        try
        {
            (string name, string digest) = ImageName.Normalize(reference);
            Image image = (await client.Images.GetAsync(new GetImageRequest { Name = name }, cancellationToken: ct)).Image;
            if (digest.Length > 0 && !string.Equals(digest, image.Target.Digest, StringComparison.Ordinal))
            {
                throw new RuntimeException($"No such image: {reference}: this node has {image.Target.Digest} under that name", IsTemporary: false);
            }

            if (_cache.Get(image.Target.Digest) is { } known) return known;
            (ImageLayers layers, _) = await reader.ReadAsync(image.Target.Digest, ct);
            _cache.Put(image.Target.Digest, layers);
            return layers;
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            throw new RuntimeException($"No such image: {reference}: load it on this node with 'cluster image load'", IsTemporary: false, e);
        }
        catch (Exception e) when (e is FormatException or ImageFormatException)
        {
            throw new RuntimeException($"the image {reference} cannot be used: {e.Message}", IsTemporary: false, e);
        }
    }

    /// <summary>Unpacks an image whose snapshots are missing, such as one that another program loaded.</summary>
    public async Task UnpackAsync(ImageLayers image, CancellationToken ct)
    {
        await _loading.WaitAsync(ct);
        try
        {
            await LeaseAsync(ct);
            await unpacker.UnpackAsync(image, LoadLease, ct);
            await LabelAsync(image, [image.ManifestDigest], ct);
        }
        finally
        {
            await ReleaseAsync(collect: false);
            _loading.Release();
        }
    }

    public void Dispose() => _loading.Dispose();

    private async Task<IReadOnlyList<string>> LoadUnderLeaseAsync(Stream archive, CancellationToken ct)
    {
        Metadata headers = ContainerdClient.UnderLease(LoadLease);
        ImageIndexDocument index = await OciArchive.ReadAsync(
            archive, (digest, size, content) => blobs.WriteAsync(IngestPrefix + digest, digest, size, content, headers, ct), ct);
        List<(string Name, DescriptorDocument Target)> named = ArchiveNames.Of(index);
        foreach ((string name, DescriptorDocument target) in named)
        {
            (ImageLayers image, IReadOnlyList<string> path) = await ReadCompleteAsync(name, target, ct);
            await unpacker.UnpackAsync(image, LoadLease, ct);
            await LabelAsync(image, path, ct);
        }

        foreach ((string name, DescriptorDocument target) in named)
        {
            await NameAsync(name, target, ct);
            LogLoaded(name, target.Digest!);
        }

        return [.. named.Select(image => ImageName.Shorten(image.Name))];
    }

    /// <summary>Reads the image and makes sure that all of its parts for this machine are there.</summary>
    private async Task<(ImageLayers Image, IReadOnlyList<string> Path)> ReadCompleteAsync(string name, DescriptorDocument target, CancellationToken ct)
    {
        try
        {
            (ImageLayers image, IReadOnlyList<string> path) = await reader.ReadAsync(target.Digest!, ct);
            foreach (DescriptorDocument part in image.Layers.Append(image.ConfigDescriptor))
            {
                long size = await blobs.SizeAsync(part.Digest!, ct);
                if (size < 0) throw new ImageFormatException($"{name}: the blob {part.Digest} is missing");
                if (size != part.Size) throw new ImageFormatException($"{name}: the blob {part.Digest} has {size} bytes, its descriptor says {part.Size}");
            }

            return (image, path);
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            throw new ImageFormatException($"{name}: a part of the image is missing: {e.Status.Detail}", e);
        }
    }

    /// <summary>Writes down what refers to what, so that the image's name keeps all of it and nothing else does.</summary>
    private async Task LabelAsync(ImageLayers image, IReadOnlyList<string> path, CancellationToken ct)
    {
        for (int i = 0; i + 1 < path.Count; i++)
        {
            await blobs.LabelAsync(path[i], new Dictionary<string, string>(StringComparer.Ordinal) { [RefPrefix + "content.m.0"] = path[i + 1] }, ct);
        }

        Dictionary<string, string> parts = new(StringComparer.Ordinal) { [RefPrefix + "content.config"] = image.ConfigDescriptor.Digest! };
        for (int i = 0; i < image.Layers.Count; i++) parts[$"{RefPrefix}content.l.{i}"] = image.Layers[i].Digest!;
        await blobs.LabelAsync(image.ManifestDigest, parts, ct);
        if (image.ChainId.Length == 0) return;
        Dictionary<string, string> snapshot = new(StringComparer.Ordinal) { [RefPrefix + "snapshot." + ContainerdClient.Snapshotter] = image.ChainId };
        await blobs.LabelAsync(image.ConfigDescriptor.Digest!, snapshot, ct);
    }

    private async Task NameAsync(string name, DescriptorDocument target, CancellationToken ct)
    {
        OciDescriptor descriptor = new() { MediaType = target.MediaType ?? MediaTypes.OciManifest, Digest = target.Digest!, Size = target.Size };
        Image image = new() { Name = name, Target = descriptor };
        try
        {
            await client.Images.CreateAsync(new CreateImageRequest { Image = image }, cancellationToken: ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsAlreadyThere(e))
        {
            UpdateImageRequest update = new() { Image = image, UpdateMask = new FieldMask { Paths = { "target" } } };
            await client.Images.UpdateAsync(update, cancellationToken: ct);
        }
    }

    private async Task<long> SizeAsync(OciDescriptor target, CancellationToken ct)
    {
        try
        {
            ImageLayers image = _cache.Get(target.Digest) ?? (await reader.ReadAsync(target.Digest, ct)).Image;
            _cache.Put(target.Digest, image);
            return image.ConfigDescriptor.Size + image.Layers.Sum(layer => layer.Size);
        }
        catch (Exception e) when (e is ImageFormatException || e is RpcException rpc && ContainerdFailure.IsNotFound(rpc))
        {
            return target.Size; // an image that another program loaded, in part
        }
    }

    private async Task LeaseAsync(CancellationToken ct)
    {
        await ReleaseAsync(collect: false); // of a load that was interrupted
        CreateRequest lease = new() { Id = LoadLease };
        lease.Labels["containerd.io/gc.expire"] = (timeProvider.GetUtcNow() + LeaseDuration).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            await client.Leases.CreateAsync(lease, cancellationToken: ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsAlreadyThere(e))
        {
            // Could not be released just now; it expires, but not before a day.
        }
    }

    /// <summary>Not cancelled: what a cancelled load left must go. Where this fails, the lease expires.</summary>
    private async Task ReleaseAsync(bool collect)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1), timeProvider);
        try
        {
            if (collect) await blobs.AbortAsync(IngestPrefix, patience.Token);
            await client.Leases.DeleteAsync(new DeleteRequest { Id = LoadLease, Sync = collect }, cancellationToken: patience.Token);
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            // The usual case before a load.
        }
        catch (RpcException e)
        {
            LogNotReleased(e, LoadLease);
        }
    }
}
