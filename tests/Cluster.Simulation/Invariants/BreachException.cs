using System.Runtime.CompilerServices;
using Cluster.Model;

namespace Cluster.Simulation.Invariants;

/// <summary>An invariant does not hold: the run ends here.</summary>
internal sealed class BreachException(Breach breach, string message) : Exception($"{breach}: {message}")
{
    public Breach Breach { get; } = breach;

    public static void Require(bool holds, Breach breach, string message)
    {
        if (!holds) throw new BreachException(breach, message);
    }

    /// <summary>The same; the message is made only when it is needed.</summary>
    public static void Require(bool holds, Breach breach, [InterpolatedStringHandlerArgument(nameof(holds))] ref InvariantMessage message)
    {
        if (!holds) throw new BreachException(breach, message.ToString());
    }
}
