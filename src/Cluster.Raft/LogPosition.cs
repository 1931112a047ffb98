namespace Cluster.Raft;

/// <summary>An entry's place in the log. Two logs that share a position share everything before it.</summary>
public readonly record struct LogPosition(ulong Index, ulong Term)
{
    /// <summary>Before the first entry.</summary>
    public static LogPosition Zero => default;

    /// <summary>The election restriction: a later last term wins, in equal terms the longer log.</summary>
    public bool IsAtLeastAsUpToDateAs(LogPosition other) => Term > other.Term || (Term == other.Term && Index >= other.Index);

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Index}@{Term}");
}
