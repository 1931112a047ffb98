namespace Cluster.Containers.Images;

/// <summary>OCI's media types and Docker's of the same meaning.</summary>
internal static class MediaTypes
{
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string DockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerIndex;

    public static bool IsManifest(string mediaType) => mediaType is OciManifest or DockerManifest;
}
