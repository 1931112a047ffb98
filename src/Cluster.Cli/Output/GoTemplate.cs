using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Cluster.Cli.CommandLine;

namespace Cluster.Cli.Output;

/// <summary>
/// The part of Go's templates that people use with Docker's <c>--format</c>: text, <c>{{.Field}}</c>, <c>{{.Spec.Name}}</c>,
/// <c>{{json .}}</c>, <c>{{upper .Name}}</c>, <c>{{lower .Name}}</c>, <c>{{len .Tasks}}</c>, <c>{{index .Spec.Labels "key"}}</c>,
/// also with a pipe (<c>{{.Spec | json}}</c>). Everything else is refused, not printed.
/// </summary>
internal sealed class GoTemplate
{
    private const string Known = "known are .Field, json, upper, lower, len and index";

    private readonly List<Func<JsonNode?, string>> _parts = [];

    private GoTemplate()
    {
    }

    /// <summary>Fields of the top level that the template prints, in order.</summary>
    public List<string> Fields { get; } = [];

    public static GoTemplate Parse(string text)
    {
        GoTemplate template = new();
        int at = 0;
        while (at < text.Length)
        {
            int open = text.IndexOf("{{", at, StringComparison.Ordinal);
            string literal = open < 0 ? text[at..] : text[at..open];
            if (literal.Length > 0) template._parts.Add(_ => literal);
            if (open < 0) break;
            int close = text.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0) throw new CliException($"--format '{text}': a {{{{ is not closed");
            template._parts.Add(template.Action(text[(open + 2)..close].Trim(' ', '-')));
            at = close + 2;
        }

        return template;
    }

    public string Render(JsonNode? data)
    {
        StringBuilder text = new();
        foreach (Func<JsonNode?, string> part in _parts) text.Append(part(data));
        return text.ToString();
    }

    private Func<JsonNode?, string> Action(string action)
    {
        if (action.Split('|', StringSplitOptions.TrimEntries) is [var value, var function]) action = $"{function} {value}";
        string[] words = action.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words)
        {
            case [var path] when IsPath(path):
                return data => Print(Get(data, path));
            case ["json", var path] when IsPath(path):
                return data => JsonText.Compact(Get(data, path));
            case ["upper", var path] when IsPath(path):
                return data => Print(Get(data, path)).ToUpperInvariant();
            case ["lower", var path] when IsPath(path):
                return data => Print(Get(data, path)).ToLowerInvariant();
            case ["len", var path] when IsPath(path):
                return data => Length(Get(data, path)).ToString(CultureInfo.InvariantCulture);
            case ["index", var path, var key] when IsPath(path):
                return data => Print(Index(Get(data, path), key.Trim('"')));
            default:
                throw new CliException($"--format: '{{{{{action}}}}}' is not understood; {Known}");
        }
    }

    private bool IsPath(string path)
    {
        if (!path.StartsWith('.')) return false;
        if (path.Length > 1) Fields.Add(path[1..].Split('.')[0]);
        return true;
    }

    private static JsonNode? Get(JsonNode? data, string path)
    {
        JsonNode? at = data;
        foreach (string name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (at is null) return null;
            if (at is not JsonObject holder || !holder.TryGetPropertyValue(name, out JsonNode? value))
            {
                string fields = at is JsonObject known ? string.Join(", ", known.Select(p => p.Key)) : "none";
                throw new CliException($"--format: there is no field '{name}' in '{path}'; fields are {fields}");
            }

            at = value;
        }

        return at;
    }

    private static JsonNode? Index(JsonNode? data, string key) => data switch
    {
        JsonObject holder => holder[key],
        JsonArray list when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int at) && at < list.Count => list[at],
        _ => null,
    };

    private static int Length(JsonNode? data) => data switch
    {
        JsonObject holder => holder.Count,
        JsonArray list => list.Count,
        null => 0,
        _ => Print(data).Length,
    };

    /// <summary>As Go prints: texts bare, lists as <c>[a b]</c>, maps as <c>map[a:b]</c>.</summary>
    private static string Print(JsonNode? data) => data switch
    {
        null => "",
        JsonArray list => $"[{string.Join(' ', list.Select(Print))}]",
        JsonObject holder => $"map[{string.Join(' ', holder.Select(p => $"{p.Key}:{Print(p.Value)}"))}]",
        _ => data.ToString(),
    };
}
