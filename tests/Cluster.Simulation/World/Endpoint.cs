namespace Cluster.Simulation.World;

/// <summary>A place on the network.</summary>
internal readonly record struct Endpoint(bool IsManager, int Number)
{
    public override string ToString() => IsManager ? $"m{Number}" : $"a{Number}";
}
