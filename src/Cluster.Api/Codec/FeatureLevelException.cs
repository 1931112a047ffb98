using Cluster.Model;

namespace Cluster.Api.Codec;

/// <summary>The replicated state is of a level that this build cannot read: to go on would be to misread it.</summary>
public sealed class FeatureLevelException(int found)
    : Exception($"the cluster is at feature level {found}, and this version of Cluster reads up to level {FeatureLevels.Supported}: install the version that the other managers have, or a newer one");
