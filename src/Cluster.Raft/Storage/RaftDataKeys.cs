using System.Collections.Immutable;

namespace Cluster.Raft.Storage;

/// <summary>The keys of a member's storage, 32 bytes each. Whoever keeps them forgets an older one only when no file needs it any more.</summary>
/// <param name="Newest">Seals what is written from now on.</param>
/// <param name="Older">Open what was written before.</param>
public sealed record RaftDataKeys(ImmutableArray<byte> Newest, ImmutableArray<ImmutableArray<byte>> Older)
{
    public override string ToString() => "***";
}
