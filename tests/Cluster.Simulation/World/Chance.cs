namespace Cluster.Simulation.World;

/// <summary>Drawing times and choices from a seeded source.</summary>
internal static class Chance
{
    /// <summary>A source whose seed is spread over all bits, so that neighbouring seeds have nothing in common.</summary>
    public static Random FromSeed(ulong seed)
    {
        ulong mixed = seed + 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return new Random((int)(mixed >> 33));
    }

    public static bool OneIn(this Random random, int times) => random.Next(times) == 0;

    public static bool Happens(this Random random, double chance) => random.NextDouble() < chance;

    public static TimeSpan Between(this Random random, double fromSeconds, double toSeconds) =>
        TimeSpan.FromTicks((long)((fromSeconds + (random.NextDouble() * (toSeconds - fromSeconds))) * TimeSpan.TicksPerSecond));

    /// <summary>From almost nothing to twice the mean.</summary>
    public static TimeSpan Around(this Random random, TimeSpan mean) => mean * (0.02 + (random.NextDouble() * 1.96));

    public static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
