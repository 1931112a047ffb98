using Cluster.Cli.CommandLine;
using Cluster.Model.Specs;

namespace Cluster.Cli.Output;

/// <summary>
/// <c>--filter key=value</c>, as in Docker: values of one key are alternatives, different keys must all hold; labels must all hold.
/// </summary>
internal sealed class ListFilter
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private ListFilter()
    {
    }

    public static ListFilter Parse(IEnumerable<string> filters, params string[] known)
    {
        ListFilter result = new();
        foreach (string filter in filters)
        {
            int equals = filter.IndexOf('=', StringComparison.Ordinal);
            string key = (equals < 0 ? filter : filter[..equals]).Trim().ToLowerInvariant();
            if (equals < 0) throw new CliException($"--filter '{filter}' is not key=value; keys are {string.Join(", ", known)}");
            if (!known.Contains(key)) throw new CliException($"--filter: '{key}' is not known; keys are {string.Join(", ", known)}");
            if (!result._values.TryGetValue(key, out List<string>? values)) result._values.Add(key, values = []);
            values.Add(filter[(equals + 1)..].Trim());
        }

        return result;
    }

    /// <summary>Whether one of the key's values fits, or the key is not given.</summary>
    public bool Allows(string key, Func<string, bool> fits) => !_values.TryGetValue(key, out List<string>? values) || values.Exists(v => fits(v));

    /// <summary>Values such as <c>name</c> or <c>name=value</c>.</summary>
    public bool AllowsLabels(string key, Labels labels) =>
        !_values.TryGetValue(key, out List<string>? values) || values.TrueForAll(value =>
        {
            int equals = value.IndexOf('=', StringComparison.Ordinal);
            string? has = labels.Get(equals < 0 ? value : value[..equals]);
            return has is not null && (equals < 0 || has == value[(equals + 1)..]);
        });

    /// <summary>Refuses values that are none of the allowed ones.</summary>
    public ListFilter Only(string key, params string[] allowed)
    {
        string? wrong = _values.GetValueOrDefault(key)?.Find(value => !allowed.Contains(value, StringComparer.OrdinalIgnoreCase));
        return wrong is null ? this : throw new CliException($"--filter {key}={wrong}: allowed are {string.Join(", ", allowed)}");
    }
}
