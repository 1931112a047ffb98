namespace Cluster.Containers.Images;

/// <summary>The images that an archive's index names.</summary>
internal static class ArchiveNames
{
    private const string ContainerdName = "io.containerd.image.name", OciRefName = "org.opencontainers.image.ref.name";

    /// <summary>In full form. Docker and containerd write the whole name into an annotation of their own and only the tag into OCI's.</summary>
    public static List<(string Name, DescriptorDocument Target)> Of(ImageIndexDocument index)
    {
        List<(string Name, DescriptorDocument Target)> images = [];
        foreach (DescriptorDocument manifest in index.Manifests ?? [])
        {
            string? name = manifest.Annotations?.GetValueOrDefault(ContainerdName) ?? manifest.Annotations?.GetValueOrDefault(OciRefName);
            if (string.IsNullOrEmpty(name)) continue;
            try
            {
                (string full, _) = ImageName.Normalize(name);
                images.RemoveAll(image => image.Name.Equals(full, StringComparison.Ordinal));
                images.Add((full, ImageReader.Checked(manifest, name)));
            }
            catch (FormatException e)
            {
                throw new ImageFormatException(e.Message, e);
            }
        }

        return images.Count > 0 ? images : throw new ImageFormatException(
            $"index.json names no image: none of its manifests has the annotation {OciRefName} or {ContainerdName}");
    }
}
