namespace Cluster.Raft.Messages;

/// <summary>
/// What members say to each other. May be lost, repeated and reordered. <paramref name="Term"/> is the sender's, except in a pre-vote, where it is
/// the term that the sender would like.
/// </summary>
public abstract record RaftMessage(MemberId From, MemberId To, ulong Term);
