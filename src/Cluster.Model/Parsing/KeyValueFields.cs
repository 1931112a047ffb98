using System.Text;

namespace Cluster.Model.Parsing;

/// <summary>
/// Fields of the long flag syntax, <c>key=value,key,"key=a,b"</c>: one line of comma-separated values, with quotes as in CSV.
/// </summary>
internal static class KeyValueFields
{
    /// <summary>Keys in lower case, in order of appearance; the value is null where there is no <c>=</c>.</summary>
    public static Result<IReadOnlyList<(string Key, string? Value)>> Parse(string text)
    {
        List<(string, string?)> fields = [];
        foreach (string? field in Split(text))
        {
            if (field is null) return Refusal.Invalid($"'{text}' has a quote that is not closed");
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            string key = (equals < 0 ? field : field[..equals]).Trim().ToLowerInvariant();
            if (key.Length == 0) return Refusal.Invalid($"'{text}' has an empty field: write key=value, separated by commas");
            fields.Add((key, equals < 0 ? null : field[(equals + 1)..]));
        }

        return fields;
    }

    /// <summary>A flag without value, <c>true</c> or <c>1</c> is on; <c>false</c> or <c>0</c> is off.</summary>
    public static Result<bool> Boolean(string key, string? value) => value?.ToLowerInvariant() switch
    {
        null or "true" or "1" => true,
        "false" or "0" => false,
        _ => Refusal.Invalid($"'{key}={value}': allowed are true and false"),
    };

    private static IEnumerable<string?> Split(string text)
    {
        StringBuilder field = new();
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '"' && quoted && i + 1 < text.Length && text[i + 1] == '"') field.Append(text[++i]);
            else if (c == '"' && (quoted || field.Length == 0)) quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                yield return field.ToString();
                field.Clear();
            }
            else field.Append(c);
        }

        yield return quoted ? null : field.ToString();
    }
}
