using Cluster.Model.Specs;

namespace Cluster.Model.Parsing;

/// <summary>
/// The values of <c>--env</c> and the lines of <c>--env-file</c>: <c>NAME=value</c>, or <c>NAME</c> alone for the value that the
/// caller's own environment has (left out where it has none).
/// </summary>
public static class EnvironmentSyntax
{
    /// <param name="entries">The flag's values, in order; a later one replaces an earlier one of the same name.</param>
    /// <param name="lookup">The caller's own environment.</param>
    public static Result<ValueList<string>> Parse(IEnumerable<string> entries, Func<string, string?> lookup)
    {
        List<string> result = [];
        foreach (string entry in entries)
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? entry : entry[..equals];
            if (NameProblem(name) is { } problem) return Refusal.Invalid($"environment variable '{entry}': {problem}");
            string? value = equals < 0 ? lookup(name) : entry[(equals + 1)..];
            result.RemoveAll(e => e.StartsWith(name + "=", StringComparison.Ordinal));
            if (value is not null) result.Add($"{name}={value}");
        }

        return result.ToValueList();
    }

    /// <summary>Empty lines and lines that start with # are skipped; everything after the first = belongs to the value, quotes too.</summary>
    public static IEnumerable<string> EntriesOfFile(IEnumerable<string> lines) =>
        lines.Select(line => line.TrimStart('\uFEFF', ' ', '\t').TrimEnd('\r')).Where(line => line.Length > 0 && line[0] != '#');

    /// <summary>Why a text is not a name, or null.</summary>
    internal static string? NameProblem(string name) => name switch
    {
        "" => "the name is empty; write NAME=value",
        _ when name.Any(c => char.IsWhiteSpace(c) || c == '\0') => "the name has white space in it; write NAME=value",
        _ => null,
    };
}
