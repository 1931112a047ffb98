namespace Cluster.Containers.Images;

/// <summary>One image for one platform: what is needed to make containers of it.</summary>
/// <param name="DiffIds">Digests of the uncompressed layers, bottom first; as many as <paramref name="Layers"/>.</param>
internal sealed record ImageLayers(
    string ManifestDigest, DescriptorDocument ConfigDescriptor, IReadOnlyList<DescriptorDocument> Layers, IReadOnlyList<string> DiffIds, ImageConfig Config)
{
    /// <summary>The snapshot that containers are based on; empty for an image without layers.</summary>
    public string ChainId => DiffIds.Count == 0 ? "" : BlobDigest.ChainIds(DiffIds)[^1];
}
