namespace Cluster.Model.Specs;

/// <summary>An amount of a node's resources. 0 is "none" in a reservation, "unlimited" in a limit.</summary>
public readonly record struct Resources(long NanoCpus, long MemoryBytes)
{
    public static Resources operator +(Resources a, Resources b) => new(a.NanoCpus + b.NanoCpus, a.MemoryBytes + b.MemoryBytes);

    public static Resources operator -(Resources a, Resources b) => new(a.NanoCpus - b.NanoCpus, a.MemoryBytes - b.MemoryBytes);
}

public sealed record ResourceRequirements
{
    public Resources Limits { get; init; }

    public Resources Reservations { get; init; }

    /// <summary>Most processes in the container; 0 is unlimited.</summary>
    public long PidsLimit { get; init; }
}
