namespace Cluster.Agent.Runtime;

/// <summary>The images of this node.</summary>
public interface IImageStore
{
    /// <summary>Loads an OCI layout archive (tar, or tar+gzip) and gives the references that it named. A bad archive changes nothing.</summary>
    Task<IReadOnlyList<string>> LoadAsync(Stream archive, CancellationToken ct);

    Task<IReadOnlyList<ImageInfo>> ListAsync(CancellationToken ct);
}

public sealed record ImageInfo(string Reference, string Digest, long SizeBytes, DateTimeOffset CreatedAt);
