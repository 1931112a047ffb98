using System.Text.Json.Nodes;

namespace Cluster.Cli.Output;

/// <summary>Objects for reading: one field a line, nested ones indented, empty ones left out.</summary>
internal static class PrettyText
{
    public static async Task WriteAsync(TextWriter output, IReadOnlyList<JsonObject> objects)
    {
        for (int i = 0; i < objects.Count; i++)
        {
            if (i > 0) await output.WriteLineAsync();
            Write(output, objects[i], "");
        }
    }

    private static void Write(TextWriter output, JsonObject holder, string indent)
    {
        foreach ((string name, JsonNode? value) in holder)
        {
            switch (value)
            {
                case null or JsonObject { Count: 0 } or JsonArray { Count: 0 }:
                    break;
                case JsonObject nested:
                    output.WriteLine($"{indent}{name}:");
                    Write(output, nested, indent + " ");
                    break;
                case JsonArray list when list.All(item => item is JsonValue):
                    output.WriteLine($"{indent}{name}:\t{string.Join(' ', list.Select(item => item!.ToString()))}");
                    break;
                case JsonArray list:
                    output.WriteLine($"{indent}{name}:");
                    foreach (JsonNode? item in list) output.WriteLine($"{indent} {JsonText.Compact(item)}");
                    break;
                default:
                    if (value.ToString().Length > 0) output.WriteLine($"{indent}{name}:\t{value}");
                    break;
            }
        }
    }
}
