using System.Globalization;
using System.Text.Json.Nodes;
using Cluster.Cli.Output;
using Cluster.Model.Time;

namespace Cluster.Cli.Events;

/// <summary>One change of one object, in the shape of Docker's events; what Docker calls the actor is the object that changed.</summary>
internal sealed record ClusterEvent(ClusterTime Time, ulong Version, string Type, string Action, string Id, IReadOnlyList<KeyValuePair<string, string>> Attributes)
{
    /// <summary>Who asked for the change: <c>local:NODE</c> (root on that machine), <c>user:NAME</c>, <c>node:NODE</c>, <c>kernel</c>, …</summary>
    public required string By { get; init; }

    public string Attribute(string key) => Attributes.FirstOrDefault(pair => pair.Key == key).Value ?? "";

    public override string ToString() =>
        $"{Time} {Type} {Action} {Id} ({string.Join(", ", Attributes.Append(new("by", By)).Select(pair => $"{pair.Key}={pair.Value.ReplaceLineEndings(" ")}"))})";

    public JsonObject ToJson()
    {
        TimeSpan sinceEpoch = Time.ToUtc() - DateTime.UnixEpoch;
        return new JsonObject
        {
            [nameof(Type)] = Type,
            [nameof(Action)] = Action,
            ["Actor"] = new JsonObject { ["ID"] = Id, [nameof(Attributes)] = JsonText.Of(Attributes) },
            [nameof(By)] = By,
            [nameof(Version)] = Version,
            ["scope"] = "swarm",
            ["time"] = (long)sinceEpoch.TotalSeconds,
            ["timeNano"] = long.CreateChecked(sinceEpoch.Ticks * (Int128)TimeSpan.NanosecondsPerTick),
            [nameof(Time)] = Time.ToUtc().ToString("O", CultureInfo.InvariantCulture),
        };
    }
}
