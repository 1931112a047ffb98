namespace Cluster.Raft;

/// <summary>
/// Where the entries were put, or why not. Taken is not committed: it is decided by which term is delivered at these indexes.
/// </summary>
public readonly record struct ProposalResult(ProposalRefusal Refusal, ulong FirstIndex, ulong LastIndex, ulong Term, MemberId Leader)
{
    public bool IsAccepted => Refusal == ProposalRefusal.None;

    internal static ProposalResult Accepted(ulong first, ulong last, ulong term, MemberId leader) => new(ProposalRefusal.None, first, last, term, leader);

    internal static ProposalResult Refused(ProposalRefusal refusal, ulong term, MemberId leader) => new(refusal, 0, 0, term, leader);
}
