using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>
/// Finds what a person named: by full id, by exact name, then by a prefix of an id (Swarm's order). A name or prefix that fits several
/// objects is refused and told so.
/// </summary>
public static class Lookup
{
    public static Result<ServiceRecord> Service(StoreView view, string text)
    {
        if (FullId(text) is { } id && view.GetService(new ServiceId(id)) is { } byId) return byId;
        if (view.FindServiceByName(text) is { } byName) return byName;
        return Only(view.Services.Where(s => HasPrefix(s.Id.ToString(), text)), "service", text);
    }

    /// <param name="view">Where to look.</param>
    /// <param name="text">An id, a prefix of one, a host name, or <c>self</c>.</param>
    /// <param name="self">The node that answers; none where <c>self</c> means nothing.</param>
    public static Result<NodeRecord> Node(StoreView view, string text, NodeId self)
    {
        if (text == "self" && !self.IsNone && view.GetNode(self) is { } own) return own;
        if (FullId(text) is { } id && view.GetNode(new NodeId(id)) is { } byId) return byId;
        List<NodeRecord> byName = [.. view.Nodes.Where(n => text.Length > 0 && n.Description.Hostname == text).Take(2)];
        return byName.Count > 0 ? Only(byName, "node", text) : Only(view.Nodes.Where(n => HasPrefix(n.Id.ToString(), text)), "node", text);
    }

    public static Result<TaskRecord> Task(StoreView view, string text)
    {
        if (FullId(text) is { } id && view.GetTask(new TaskId(id)) is { } byId) return byId;

        // Ids sort as their text does, so a prefix is a range: no walk over all tasks.
        if (text.Length is 0 or > Base36.Digits128 || !Base36.TryParse(text.PadRight(Base36.Digits128, '0'), out UInt128 first)) return NotFound("task", text);
        IEnumerable<TaskRecord> from = first == 0 ? view.Tasks : view.TasksAfter(new TaskId(first - 1));
        return Only(from.TakeWhile(t => HasPrefix(t.Id.ToString(), text)), "task", text);
    }

    internal static Refusal NotFound(string noun, string text) => Refusal.NotFound($"no such {noun}: {text}");

    private static UInt128? FullId(string text) => Base36.TryParse(text, out UInt128 value) ? value : null;

    private static bool HasPrefix(string id, string text) => text.Length > 0 && id.StartsWith(text, StringComparison.Ordinal);

    private static Result<TRecord> Only<TRecord>(IEnumerable<TRecord> found, string noun, string text)
    {
        List<TRecord> first = [.. found.Take(2)];
        return first.Count switch
        {
            0 => NotFound(noun, text),
            1 => first[0],
            _ => Refusal.Invalid($"{noun} {text} is ambiguous (more than one match found); use a longer id"),
        };
    }
}
