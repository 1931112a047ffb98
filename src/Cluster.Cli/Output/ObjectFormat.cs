using System.Text.Json.Nodes;

namespace Cluster.Cli.Output;

/// <summary>How one object is printed on request: <c>json</c> on one line, or a template.</summary>
internal static class ObjectFormat
{
    /// <summary>Null: no format was asked for, so it is printed for reading.</summary>
    public static string? Render(string? format, JsonObject json) =>
        string.IsNullOrEmpty(format) ? null : format == "json" ? JsonText.Compact(json) : GoTemplate.Parse(format).Render(json);
}
