using Cluster.Model.Ids;

namespace Cluster.Testing.Control;

/// <summary>Ids that count up, so that tests see the order of creation in them.</summary>
public sealed class CountingIds : IIdSource
{
    private ulong _last;

    public UInt128 Next() => ++_last;
}
