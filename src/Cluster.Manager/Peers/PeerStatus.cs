using Cluster.Raft;

namespace Cluster.Manager.Peers;

/// <summary>The way to a member, for people who look.</summary>
/// <param name="Member">The member.</param>
/// <param name="Address">Empty when it is not known.</param>
/// <param name="IsConnected">Whether a stream to it is open and accepted.</param>
/// <param name="Problem">Why not; null when it was not tried yet.</param>
internal sealed record PeerStatus(MemberId Member, string Address, bool IsConnected, string? Problem);
