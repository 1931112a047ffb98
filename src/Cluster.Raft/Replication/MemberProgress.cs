namespace Cluster.Raft.Replication;

/// <summary>What a leader knows of one member. Match never decreases within a term.</summary>
internal sealed class MemberProgress(RaftOptions options, ulong next)
{
    public ulong Match { get; private set; }

    public ulong Next { get; private set; } = next;

    public MemberState State { get; private set; }

    /// <summary>While probing: a message is out, the next one waits for an answer or a heartbeat's.</summary>
    public bool ProbeSent { get; set; }

    public ulong PendingSnapshot { get; private set; }

    /// <summary>Heard of since the last quorum check.</summary>
    public bool IsActive { get; set; }

    /// <summary>Has answered this leader. Until then <see cref="IsActive"/> is only patience.</summary>
    public bool HasAnswered { get; private set; }

    public void Answered() => (IsActive, HasAnswered) = (true, true);

    public ulong AcknowledgedRound { get; set; }

    public InFlightWindow InFlight { get; } = new(options.MaxInFlightAppends, options.MaxInFlightBytes);

    public bool IsPaused => State switch
    {
        MemberState.Probe => ProbeSent,
        MemberState.Replicate => InFlight.IsFull,
        _ => true,
    };

    public void Sent(ulong lastIndex, long bytes)
    {
        if (State == MemberState.Probe)
        {
            ProbeSent = true;
            return;
        }

        if (bytes == 0)
            return;
        Next = lastIndex + 1;
        InFlight.Add(lastIndex, bytes);
    }

    /// <returns>Whether this was news.</returns>
    public bool Acknowledge(ulong index)
    {
        InFlight.FreeThrough(index);
        Next = Math.Max(Next, index + 1);
        if (index <= Match)
            return false;
        Match = index;
        ProbeSent = false;
        return true;
    }

    /// <summary>A refusal: back to where the logs may agree. Old refusals, which say nothing new, change nothing.</summary>
    /// <returns>Whether to send again.</returns>
    public bool Refuse(ulong refusedIndex, ulong possibleMatch)
    {
        if (refusedIndex <= Match)
            return false;
        if (State == MemberState.Replicate)
        {
            BecomeProbe();
            Next = Math.Max(Match + 1, Math.Min(refusedIndex, possibleMatch + 1));
            return true;
        }

        if (State == MemberState.Snapshot || Next - 1 != refusedIndex)
            return false;
        Next = Math.Max(Match + 1, Math.Min(refusedIndex, possibleMatch + 1));
        ProbeSent = false;
        return true;
    }

    public void BecomeProbe()
    {
        Next = State == MemberState.Snapshot ? Math.Max(Match, PendingSnapshot) + 1 : Match + 1;
        Enter(MemberState.Probe);
    }

    public void BecomeReplicate()
    {
        Next = Match + 1;
        Enter(MemberState.Replicate);
    }

    public void BecomeSnapshot(ulong index)
    {
        Enter(MemberState.Snapshot);
        PendingSnapshot = index;
    }

    /// <summary>The snapshot did not arrive: probe from what is known.</summary>
    public void AbortSnapshot()
    {
        PendingSnapshot = 0;
        BecomeProbe();
    }

    private void Enter(MemberState state)
    {
        State = state;
        ProbeSent = false;
        PendingSnapshot = 0;
        InFlight.Clear();
    }
}
