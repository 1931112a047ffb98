namespace Cluster.Model.Validation;

/// <summary>How large a spec may be: far above what people write, low enough that a log entry can hold many.</summary>
public static class SpecLimits
{
    public const int MaxReplicas = 100_000;

    /// <summary>Swarm's minima (swarmkit manager/controlapi/service.go).</summary>
    public const long MinMemoryBytes = 4 << 20;

    public const long MinNanoCpus = 1_000_000;

    /// <summary>Entries of one list or map.</summary>
    public const int MaxItems = 1_000;

    /// <summary>Characters of one text.</summary>
    public const int MaxText = 32 * 1024;

    /// <summary>Characters of all texts of one spec.</summary>
    public const int MaxTotalText = 256 * 1024;

    public const int MaxLabelKey = 256;

    public const int MaxName = 63;
}
