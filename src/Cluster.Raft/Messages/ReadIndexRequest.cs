namespace Cluster.Raft.Messages;

/// <summary>A member that does not lead asks for a read index. <paramref name="Request"/> is its own number for it.</summary>
public sealed record ReadIndexRequest(MemberId From, MemberId To, ulong Term, ulong Request) : RaftMessage(From, To, Term);
