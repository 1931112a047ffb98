using System.Text.Json.Serialization;

namespace Cluster.Containers.Images;

/// <summary>The JSON documents of an image, as far as they are read. Everything may be missing: they come from outside.</summary>
internal sealed record ImageIndexDocument
{
    public string? MediaType { get; init; }

    public IReadOnlyList<DescriptorDocument>? Manifests { get; init; }
}

internal sealed record ManifestDocument
{
    public string? MediaType { get; init; }

    public DescriptorDocument? Config { get; init; }

    public IReadOnlyList<DescriptorDocument>? Layers { get; init; }

    /// <summary>Present when the document is an index.</summary>
    public IReadOnlyList<DescriptorDocument>? Manifests { get; init; }
}

internal sealed record DescriptorDocument
{
    public string? MediaType { get; init; }

    public string? Digest { get; init; }

    public long Size { get; init; }

    public PlatformDocument? Platform { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

internal sealed record PlatformDocument
{
    public string? Os { get; init; }

    public string? Architecture { get; init; }

    public string? Variant { get; init; }
}

internal sealed record ConfigDocument
{
    public string? Os { get; init; }

    public string? Architecture { get; init; }

    public DateTimeOffset? Created { get; init; }

    public ProcessDocument? Config { get; init; }

    public RootFsDocument? Rootfs { get; init; }
}

internal sealed record RootFsDocument
{
    [JsonPropertyName("diff_ids")]
    public IReadOnlyList<string>? DiffIds { get; init; }
}

/// <summary>Its names are Docker's, in Pascal case.</summary>
internal sealed record ProcessDocument
{
    [JsonPropertyName("User")]
    public string? User { get; init; }

    [JsonPropertyName("Env")]
    public IReadOnlyList<string>? Env { get; init; }

    [JsonPropertyName("Entrypoint")]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    [JsonPropertyName("Cmd")]
    public IReadOnlyList<string>? Command { get; init; }

    [JsonPropertyName("WorkingDir")]
    public string? WorkingDirectory { get; init; }

    [JsonPropertyName("StopSignal")]
    public string? StopSignal { get; init; }

    [JsonPropertyName("Volumes")]
    public IReadOnlyDictionary<string, object?>? Volumes { get; init; }
}

internal sealed record LayoutDocument
{
    public string? ImageLayoutVersion { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImageIndexDocument))]
[JsonSerializable(typeof(ManifestDocument))]
[JsonSerializable(typeof(ConfigDocument))]
[JsonSerializable(typeof(LayoutDocument))]
internal sealed partial class ImageDocumentsContext : JsonSerializerContext;
