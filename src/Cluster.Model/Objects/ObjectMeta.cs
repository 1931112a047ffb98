using Cluster.Model.Time;

namespace Cluster.Model.Objects;

/// <summary>Set by the store: the version (see the store's README) and cluster time of the first and the last change.</summary>
public readonly record struct ObjectMeta(ulong CreatedVersion, ulong Version, ClusterTime CreatedAt, ClusterTime UpdatedAt);
