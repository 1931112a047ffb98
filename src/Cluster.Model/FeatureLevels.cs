using System.Globalization;
using System.Reflection;

namespace Cluster.Model;

/// <summary>
/// What may stand in the replicated state. The cluster's row has its level; nothing that an older level cannot read is written before all
/// managers can read it, and the level never sinks. A build that writes something new counts its own level up by one (the property
/// <c>ClusterFeatureLevel</c> of this project) and looks at the row's level before it writes that.
/// </summary>
public static class FeatureLevels
{
    public const int First = 1;

    /// <summary>The highest level that this build can read.</summary>
    public static int Supported { get; } = typeof(FeatureLevels).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(static data => data.Key == "ClusterFeatureLevel").Select(static data => int.Parse(data.Value!, CultureInfo.InvariantCulture)).Single();
}
