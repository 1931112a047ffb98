using System.Text.Json.Nodes;

namespace Cluster.Cli.Output;

/// <summary>How inspected objects are printed: an indented JSON list, <c>json</c> on one line, or a template for each.</summary>
internal static class InspectFormat
{
    public static async Task WriteAsync(TextWriter output, string? format, IReadOnlyList<JsonObject> objects)
    {
        if (string.IsNullOrEmpty(format) || format == "json")
        {
            JsonArray list = [.. objects];
            await output.WriteLineAsync(format == "json" ? JsonText.Compact(list) : JsonText.Indented(list));
            return;
        }

        GoTemplate template = GoTemplate.Parse(format);
        foreach (JsonObject one in objects) await output.WriteLineAsync(template.Render(one));
    }
}
