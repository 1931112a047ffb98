using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Cluster.Raft;

/// <summary>Checks that stay active in release: a broken one is a bug here, and going on could lose data.</summary>
internal static class Invariant
{
    public static void Check([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        if (!condition)
            throw new InvariantViolatedException($"Raft invariant broken: {what}");
    }
}
