using Cluster.Raft;
using Cluster.Store;

namespace Cluster.Simulation.Managers;

/// <summary>What consensus tells the control driver, in order: a state that replaces all, then entries, then where leadership stands.</summary>
internal sealed record ConsensusProgress((StoreSnapshot State, ulong Index)? Restored, IReadOnlyList<LogEntry> Committed, IReadOnlyList<ReadResult> Reads, ulong Term, RaftRole Role, MemberId Leader);
