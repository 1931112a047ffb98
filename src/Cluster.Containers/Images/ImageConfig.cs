namespace Cluster.Containers.Images;

/// <summary>How an image says that its containers run. Absent lists are empty.</summary>
internal sealed record ImageConfig
{
    public IReadOnlyList<string> Env { get; init; } = [];

    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    public IReadOnlyList<string> Command { get; init; } = [];

    public string WorkingDirectory { get; init; } = "";

    public string User { get; init; } = "";

    public string StopSignal { get; init; } = "";

    /// <summary>Paths that get a volume of their own, in ordinal order.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    public static ImageConfig Of(ConfigDocument document) => document.Config is not { } config ? new ImageConfig() : new ImageConfig
    {
        Env = config.Env ?? [],
        Entrypoint = config.Entrypoint ?? [],
        Command = config.Command ?? [],
        WorkingDirectory = config.WorkingDirectory ?? "",
        User = config.User ?? "",
        StopSignal = config.StopSignal ?? "",
        Volumes = config.Volumes is null ? [] : [.. config.Volumes.Keys.Order(StringComparer.Ordinal)],
    };
}
