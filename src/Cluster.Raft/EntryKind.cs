namespace Cluster.Raft;

/// <summary>What an entry carries. The numbers are on disk and wire.</summary>
public enum EntryKind : byte
{
    Unspecified = 0,

    /// <summary>A new leader's first entry, without data: it commits what earlier terms left.</summary>
    Empty = 1,

    /// <summary>The host's bytes.</summary>
    Data = 2,

    /// <summary>A <see cref="Members.Membership"/>, as <see cref="Members.MembershipCodec"/> writes it.</summary>
    Configuration = 3,
}
