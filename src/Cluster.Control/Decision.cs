using System.Collections.Immutable;
using Cluster.Model.Time;

namespace Cluster.Control;

/// <summary>The outcome of a pass, or of one loop in it: whether more can be done at once, when to look again, and why not.</summary>
public readonly record struct Decision(bool MoreWork, ClusterTime? NextWake, ImmutableArray<Report> Reports)
{
    internal static readonly Decision Done = new(false, null, []);

    internal static ClusterTime? Earlier(ClusterTime? a, ClusterTime? b) => a is null ? b : b is null || a <= b ? a : b;
}

/// <summary>Something that a loop could not or would not do, and why; for logs and for whoever explains a service.</summary>
public sealed record Report(string Loop, string Subject, string Message);
