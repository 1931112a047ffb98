using Cluster.Model.Ids;

namespace Cluster.Manager.Peers;

/// <summary>What is known of a member. <paramref name="RowAddress"/> and <paramref name="Node"/> are what a committed row said last.</summary>
internal sealed record PeerRecord(string Address, string? RowAddress, NodeId? Node);
