namespace Cluster.Model.Ids;

/// <summary>Where new ids come from: the system's random source in production, the seed in the simulator.</summary>
public interface IIdSource
{
    /// <summary>A number that was not given before and is not zero.</summary>
    UInt128 Next();
}
