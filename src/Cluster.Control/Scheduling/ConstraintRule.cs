using System.Net;
using Cluster.Model.Objects;

namespace Cluster.Control.Scheduling;

/// <summary>
/// One constraint such as <c>node.labels.disk==ssd</c>: keys and values without regard to case, only <c>==</c> and <c>!=</c>, a missing
/// label equals "", an unknown key never matches (Swarm's rules).
/// </summary>
internal sealed record ConstraintRule(string Key, string Value, bool Negated)
{
    public static ConstraintRule? Parse(string text)
    {
        bool negated = !text.Contains("==", StringComparison.Ordinal);
        string[] sides = text.Split(negated ? "!=" : "==", 2, StringSplitOptions.TrimEntries);
        return sides.Length == 2 && sides[0].Length > 0 ? new(sides[0], sides[1], negated) : null;
    }

    public bool Matches(NodeRecord node)
    {
        if (Is("node.ip")) return MatchesAddress(node.Status.Address) != Negated;
        return ValueOf(node) is { } actual && actual.Equals(Value, StringComparison.OrdinalIgnoreCase) != Negated;
    }

    private string? ValueOf(NodeRecord node) =>
        Is("node.id") ? node.Id.ToString()
        : Is("node.hostname") ? node.Description.Hostname
        : Is("node.role") ? node.Certificate.Role.ToString()
        : Is("node.platform.os") ? node.Description.Os
        : Is("node.platform.arch") ? node.Description.Architecture
        : After("node.labels.") is { } label ? node.Spec.Labels.Get(label) ?? ""
        : After("engine.labels.") is { } engine ? node.Description.EngineLabels.Get(engine) ?? ""
        : null;

    private bool Is(string key) => Key.Equals(key, StringComparison.OrdinalIgnoreCase);

    private string? After(string prefix) => Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? Key[prefix.Length..] : null;

    private bool MatchesAddress(string address)
    {
        if (!IPAddress.TryParse(address, out IPAddress? actual)) return false;
        if (IPNetwork.TryParse(Value, out IPNetwork network)) return network.Contains(actual);
        return IPAddress.TryParse(Value, out IPAddress? wanted) && wanted.Equals(actual);
    }
}
