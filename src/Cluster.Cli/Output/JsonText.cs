using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cluster.Cli.Output;

/// <summary>JSON for people and scripts: in the order of the fields, with no more escapes than needed.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions CompactOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions IndentedOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        IndentSize = 4,
    };

    public static string Compact(JsonNode? node) => node?.ToJsonString(CompactOptions) ?? "null";

    public static string Indented(JsonNode? node) => node?.ToJsonString(IndentedOptions) ?? "null";

    public static JsonObject Of(IEnumerable<KeyValuePair<string, string>> map)
    {
        JsonObject json = [];
        foreach ((string key, string value) in map) json[key] = value;
        return json;
    }

    public static JsonArray Of(IEnumerable<string> list) => [.. list.Select(item => (JsonNode?)JsonValue.Create(item))];
}
