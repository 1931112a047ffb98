using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Cluster.Containers.Images;

/// <summary>Reads an image's documents from the content store and checks that they fit together.</summary>
internal sealed class ImageReader(BlobStore blobs, Architecture architecture)
{
    private const int MaxDocumentBytes = 8 << 20;
    private const int MaxLayers = 500;

    /// <summary>From the target of an image, an index or a manifest, to the manifest for this machine.</summary>
    public async Task<(ImageLayers Image, IReadOnlyList<string> Path)> ReadAsync(string digest, CancellationToken ct)
    {
        const int deepestNesting = 3;
        List<string> path = [];
        for (string current = digest; path.Count < deepestNesting;)
        {
            path.Add(current);
            ManifestDocument document = await DocumentAsync(current, ImageDocumentsContext.Default.ManifestDocument, ct);
            if (document.Manifests is not { } manifests) return (await LayersAsync(current, document, ct), path);
            DescriptorDocument picked = Platform.Pick(manifests, architecture)
                ?? throw new ImageFormatException($"the image has nothing for linux/{Platform.ArchitectureName(architecture)}");
            current = Checked(picked, "a manifest").Digest!;
        }

        throw new ImageFormatException("the image's indexes are nested too deeply");
    }

    /// <summary>The descriptor itself when it is complete.</summary>
    public static DescriptorDocument Checked(DescriptorDocument? descriptor, string what) =>
        descriptor is { Digest: { } digest, Size: >= 0 } && BlobDigest.IsValid(digest)
            ? descriptor
            : throw new ImageFormatException($"the descriptor of {what} has no valid digest and size (only sha256 is known)");

    private async Task<ImageLayers> LayersAsync(string digest, ManifestDocument manifest, CancellationToken ct)
    {
        DescriptorDocument config = Checked(manifest.Config, "the image's configuration");
        IReadOnlyList<DescriptorDocument> layers = manifest.Layers ?? throw new ImageFormatException($"the manifest {digest} has no layers");
        if (layers.Count > MaxLayers) throw new ImageFormatException($"the image has {layers.Count} layers, more than {MaxLayers}");
        foreach (DescriptorDocument layer in layers) Checked(layer, "a layer");
        ConfigDocument document = await DocumentAsync(config.Digest!, ImageDocumentsContext.Default.ConfigDocument, ct);
        IReadOnlyList<string> diffIds = document.Rootfs?.DiffIds ?? [];
        if (diffIds.Count != layers.Count || !diffIds.All(BlobDigest.IsValid))
        {
            throw new ImageFormatException($"the image's configuration names {diffIds.Count} layers, its manifest {layers.Count}");
        }

        return new ImageLayers(digest, config, layers, diffIds, ImageConfig.Of(document));
    }

    private async Task<T> DocumentAsync<T>(string digest, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        byte[] bytes = await blobs.ReadAsync(digest, MaxDocumentBytes, ct);
        return Parse(bytes, type, digest);
    }

    public static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string name)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new ImageFormatException($"{name} is empty");
        }
        catch (JsonException e)
        {
            throw new ImageFormatException($"{name} is not the JSON document that it must be: {e.Message}", e);
        }
    }
}
