namespace Cluster.Raft.Messages;

/// <summary>
/// The content travels beside it: the sender's transport streams it on seeing the message, the receiver's steps the message into its core when the
/// content is in place. The sender's host answers each one with one <see cref="RaftCore.ReportSnapshot"/>.
/// </summary>
public sealed record InstallSnapshot(MemberId From, MemberId To, ulong Term, SnapshotMetadata Snapshot) : RaftMessage(From, To, Term);
