using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Cluster.Model;

/// <summary>Checks of what must hold, also in release builds: a broken one is a bug in Cluster, never a user's mistake.</summary>
public static class Invariant
{
    public static void Check([DoesNotReturnIf(false)] bool condition, string message, [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        if (!condition) throw new InvariantException($"{message} ({expression})");
    }

    /// <summary>The same; the message is made only when it is needed.</summary>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition,
        [InterpolatedStringHandlerArgument(nameof(condition))] ref InvariantMessage message,
        [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        if (!condition) throw new InvariantException($"{message.ToString()} ({expression})");
    }
}

public sealed class InvariantException(string message) : Exception(message);
