using Cluster.Model.Ids;

namespace Cluster.Model.Naming;

/// <summary>The start of an id's text as the range of ids that have it, so that an ordered table finds them without a scan.</summary>
public readonly record struct IdPrefix(UInt128 First, UInt128 Last)
{
    public bool Contains(UInt128 id) => id >= First && id <= Last;

    /// <summary>1 to 25 digits; false also for digits that no id can start with.</summary>
    public static bool TryParse(string? text, out IdPrefix prefix)
    {
        prefix = default;
        if (text is not { Length: >= 1 and <= Base36.Digits128 }) return false;
        if (!Base36.TryParse(text.PadRight(Base36.Digits128, '0'), out UInt128 first)) return false;
        UInt128 last = Base36.TryParse(text.PadRight(Base36.Digits128, 'z'), out UInt128 end) ? end : UInt128.MaxValue;
        prefix = new IdPrefix(first, last);
        return true;
    }
}
