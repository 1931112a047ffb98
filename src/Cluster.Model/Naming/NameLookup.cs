namespace Cluster.Model.Naming;

/// <summary>
/// Finds the object that a user means, in Swarm's order: the full id, the name, a prefix of an id that only one object has.
/// </summary>
public static class NameLookup
{
    private const int ShownCandidates = 3;

    /// <param name="items">All objects of the kind.</param>
    /// <param name="text">What the user typed.</param>
    /// <param name="noun">For the refusal: <c>service</c>, <c>node</c>, <c>task</c>.</param>
    /// <param name="id">The object's id.</param>
    /// <param name="name">The object's name; need not be unique (host names are not).</param>
    public static Result<T> Find<T>(IEnumerable<T> items, string text, string noun, Func<T, UInt128> id, Func<T, string> name) where T : class
    {
        if (text.Length == 0) return Refusal.Invalid($"no {noun} is named: give its name, its id or the start of its id");
        bool isPrefix = IdPrefix.TryParse(text, out IdPrefix prefix);
        List<T> named = [], prefixed = [];
        foreach (T item in items)
        {
            if (isPrefix && prefix.First == prefix.Last && id(item) == prefix.First) return item;
            if (string.Equals(name(item), text, StringComparison.Ordinal)) named.Add(item);
            else if (isPrefix && prefix.Contains(id(item))) prefixed.Add(item);
        }

        List<T> found = named.Count > 0 ? named : prefixed;
        if (found.Count == 1) return found[0];
        if (found.Count == 0) return Refusal.NotFound($"no {noun} has the name, id or id prefix '{text}'");
        string candidates = string.Join(", ", found.Take(ShownCandidates).Select(item => Ids.Base36.Format(id(item))));
        return Refusal.Invalid($"'{text}' means {found.Count} {noun}s ({candidates}{(found.Count > ShownCandidates ? ", ..." : "")}): give more of the id");
    }
}
