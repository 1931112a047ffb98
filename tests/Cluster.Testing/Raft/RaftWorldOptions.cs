namespace Cluster.Testing.Raft;

/// <summary>The faults of one run; drawn from the seed, so that runs differ in kind and not only in order.</summary>
public sealed record RaftWorldOptions
{
    public int Voters { get; init; } = 3;

    public long ChaosMilliseconds { get; init; } = 8_000;

    public long CalmMilliseconds { get; init; } = 20_000;

    public double Loss { get; init; }

    public double Duplication { get; init; }

    public int MinDelay { get; init; } = 1;

    public int MaxDelay { get; init; } = 5;

    public int MaxSyncDelay { get; init; } = 5;

    /// <summary>Mean time between two faults.</summary>
    public int FaultMilliseconds { get; init; } = 300;

    public int ClientMilliseconds { get; init; } = 10;

    public int SnapshotEntries { get; init; } = 60;

    public bool WithMembershipChanges { get; init; } = true;

    /// <summary>Only leaders are struck, all the time.</summary>
    public bool IsStorm { get; init; }

    public static RaftWorldOptions Draw(Random random) => new()
    {
        Voters = random.Next(2) == 0 ? 3 : random.Next(1, 6),
        Loss = random.Next(3) == 0 ? 0 : random.NextDouble() * 0.2,
        Duplication = random.Next(3) == 0 ? 0 : random.NextDouble() * 0.1,
        MaxDelay = random.Next(3) switch { 0 => 2, 1 => 20, _ => 120 },
        MaxSyncDelay = random.Next(3) switch { 0 => 1, 1 => 20, _ => 200 },
        FaultMilliseconds = random.Next(3) switch { 0 => 100, 1 => 300, _ => 1_000 },
        ClientMilliseconds = random.Next(2, 40),
        SnapshotEntries = random.Next(10, 200),
        WithMembershipChanges = random.Next(3) != 0,
        IsStorm = random.Next(4) == 0,
    };
}
