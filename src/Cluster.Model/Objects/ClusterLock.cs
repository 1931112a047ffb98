using System.Collections.Immutable;

namespace Cluster.Model.Objects;

/// <summary>Whether managers keep their keys sealed under the cluster's unlock key (autolock), and that key. Never printed.</summary>
/// <param name="Generation">Grows with every change, so that a manager that is behind never goes back; 0: it was never changed.</param>
/// <param name="UnlockKey">32 bytes; empty: managers are not locked.</param>
public sealed record ClusterLock(ulong Generation, ImmutableArray<byte> UnlockKey)
{
    public static readonly ClusterLock Open = new(0, []);

    public bool IsLocked => !UnlockKey.IsDefaultOrEmpty;

    public bool Equals(ClusterLock? other) => other is not null && Generation == other.Generation && UnlockKey.AsSpan().SequenceEqual(other.UnlockKey.AsSpan());

    public override int GetHashCode() => Generation.GetHashCode();

    public override string ToString() => "***";
}
