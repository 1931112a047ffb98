using Cluster.Model.Ids;

namespace Cluster.Simulation.World;

/// <summary>Ids from the seed.</summary>
internal sealed class SeededIds(Random random) : IIdSource
{
    public UInt128 Next() => new((ulong)random.NextInt64(1, long.MaxValue), (ulong)random.NextInt64());
}
