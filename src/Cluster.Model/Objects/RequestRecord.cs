using Cluster.Model.Ids;
using Cluster.Model.Time;

namespace Cluster.Model.Objects;

/// <summary>The answer that a mutation got, kept for a while so that a retry gets it again instead of a second effect.</summary>
public sealed record RequestRecord(RequestId Id, ClusterTime At, string Operation, UInt128 ObjectId);
