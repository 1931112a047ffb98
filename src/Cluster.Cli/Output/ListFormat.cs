using System.Text.Json.Nodes;
using Cluster.Cli.CommandLine;

namespace Cluster.Cli.Output;

/// <summary>A column of a list: the placeholder's name and the table's header.</summary>
internal sealed record ListColumn(string Field, string Header);

/// <summary>
/// How a list is printed: <c>table</c> (the default), <c>table TEMPLATE</c> with headers, <c>TEMPLATE</c> for each row, <c>json</c>
/// (one object a line), or only the ids.
/// </summary>
internal sealed class ListFormat
{
    private const string TablePrefix = "table";

    private readonly string _defaultTemplate;
    private readonly IReadOnlyList<ListColumn> _columns;

    /// <param name="columns">All placeholders.</param>
    /// <param name="defaultTemplate">The table without <c>--format</c>, tab-separated.</param>
    public ListFormat(IReadOnlyList<ListColumn> columns, string defaultTemplate) => (_columns, _defaultTemplate) = (columns, defaultTemplate);

    public static bool IsTable(string? format) => string.IsNullOrEmpty(format) || format.StartsWith(TablePrefix, StringComparison.Ordinal);

    public async Task WriteAsync(TextWriter output, string? format, bool quiet, IEnumerable<JsonObject> rows)
    {
        if (quiet && string.IsNullOrEmpty(format)) format = "{{.ID}}";
        if (format == "json")
        {
            foreach (JsonObject row in rows) await output.WriteLineAsync(JsonText.Compact(row));
            return;
        }

        bool isTable = IsTable(format);
        string text = isTable ? (format ?? "")[Math.Min(format?.Length ?? 0, TablePrefix.Length)..].Trim(' ') : format!;
        if (text.Length == 0) text = _defaultTemplate;
        GoTemplate template = GoTemplate.Parse(text.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal));
        CheckFields(template);
        IEnumerable<string> lines = rows.Select(template.Render);
        if (isTable) lines = TextTable.Align([template.Render(Headers()), .. lines]);
        foreach (string line in lines) await output.WriteLineAsync(line);
    }

    private void CheckFields(GoTemplate template)
    {
        string? unknown = template.Fields.Find(field => _columns.All(column => column.Field != field));
        if (unknown is not null) throw new CliException($"--format: there is no field '{unknown}'; fields are {string.Join(", ", _columns.Select(c => c.Field))}");
    }

    private JsonObject Headers()
    {
        JsonObject headers = [];
        foreach (ListColumn column in _columns) headers[column.Field] = column.Header;
        return headers;
    }
}
