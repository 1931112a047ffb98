namespace Cluster.Control;

/// <summary>Limits of one pass, so that its entry stays small and a long list of work does not hold up what is urgent.</summary>
public sealed record KernelOptions
{
    /// <summary>Most rows that a pass writes.</summary>
    public int MaxRows { get; init; } = 2_000;

    /// <summary>Most (estimated) bytes that a pass writes; the codec's real figure is lower.</summary>
    public int MaxBytes { get; init; } = 900 * 1024;

    /// <summary>Most rows that a pass reads in lists.</summary>
    public int MaxExamined { get; init; } = 200_000;

    /// <summary>Everything is looked at again after this time, although nothing changed: guards against a lost mark.</summary>
    public TimeSpan FullPassPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Tasks of a full pass that are looked at in one pass.</summary>
    public int FullPassTasks { get; init; } = 20_000;

    /// <summary>The explanation of waiting tasks is brought up to date at most this often.</summary>
    public TimeSpan ExplanationPeriod { get; init; } = TimeSpan.FromSeconds(10);
}
