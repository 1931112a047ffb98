namespace Cluster.Raft;

/// <summary>
/// The answer to a read index request. When <paramref name="Confirmed"/>, a read is linearizable once the state machine has applied
/// <paramref name="Index"/>; otherwise leadership or the way to the leader was lost and the host may ask again.
/// </summary>
public readonly record struct ReadResult(ulong Token, bool Confirmed, ulong Index);
