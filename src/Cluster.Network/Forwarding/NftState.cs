using System.Net;
using System.Text.Json;
using Cluster.Model.States;

namespace Cluster.Network.Forwarding;

/// <summary>Reads the forwarded ports back from what <c>nft -j list table</c> prints. Pure; what it does not know it skips.</summary>
internal static class NftState
{
    public static IReadOnlyList<PortForward> Parse(string json)
    {
        List<PortForward> forwards = [];
        using JsonDocument document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("nftables", out JsonElement objects)) return forwards;
        foreach (JsonElement item in objects.EnumerateArray())
        {
            if (!item.TryGetProperty("map", out JsonElement map) || !map.TryGetProperty("elem", out JsonElement elements)) continue;
            string name = map.GetProperty("name").GetString() ?? "";
            foreach (PortProtocol protocol in Enum.GetValues<PortProtocol>())
            {
                if (!NftRuleset.MapName(protocol).Equals(name, StringComparison.Ordinal)) continue;
                foreach (JsonElement element in elements.EnumerateArray()) Add(forwards, protocol, element);
            }
        }

        return forwards;
    }

    /// <summary>An element is <c>[8080, {"concat": ["172.31.240.5", 80]}]</c>.</summary>
    private static void Add(List<PortForward> forwards, PortProtocol protocol, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() != 2 || !element[0].TryGetInt32(out int port)) return;
        if (element[1].ValueKind != JsonValueKind.Object || !element[1].TryGetProperty("concat", out JsonElement target) || target.GetArrayLength() != 2) return;
        if (IPAddress.TryParse(target[0].GetString(), out IPAddress? address) && target[1].TryGetInt32(out int targetPort))
        {
            forwards.Add(new PortForward(protocol, port, address, targetPort));
        }
    }
}
