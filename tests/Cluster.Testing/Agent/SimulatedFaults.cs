namespace Cluster.Testing.Agent;

/// <summary>How badly a simulated machine behaves. Chances are 0 to 1 per operation.</summary>
public sealed record SimulatedFaults
{
    public static readonly SimulatedFaults None = new();

    /// <summary>The operation fails and may succeed when repeated; half of them have had their effect all the same.</summary>
    public double Temporary { get; init; }

    /// <summary>Preparing or starting fails for good.</summary>
    public double Fatal { get; init; }

    /// <summary>The operation takes <see cref="SlowDelay"/>.</summary>
    public double Slow { get; init; }

    public TimeSpan ShortestDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMilliseconds(150);

    public TimeSpan SlowDelay { get; init; } = TimeSpan.FromSeconds(20);
}
