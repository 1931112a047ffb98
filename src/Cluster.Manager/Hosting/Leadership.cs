using Cluster.Raft;

namespace Cluster.Manager.Hosting;

/// <summary>Who leads, as far as this manager knows.</summary>
/// <param name="Leader">None while there is an election, or no contact to a leader.</param>
/// <param name="IsHere">This manager leads, and has published all that was committed before.</param>
internal sealed record Leadership(ulong Term, MemberId Leader, bool IsHere)
{
    public static readonly Leadership None = new(0, MemberId.None, IsHere: false);
}
