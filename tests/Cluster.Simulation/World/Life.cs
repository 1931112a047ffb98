namespace Cluster.Simulation.World;

/// <summary>What plans events that mean nothing once it is over.</summary>
internal sealed class Life
{
    public bool IsOver { get; private set; }

    public void End() => IsOver = true;
}
