using System.Net;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Model.Placement;

/// <summary>
/// One placement constraint in Swarm's syntax, <c>key==value</c> or <c>key!=value</c>, case-insensitive. Keys: <c>node.id</c>,
/// <c>node.hostname</c>, <c>node.ip</c> (address or CIDR), <c>node.role</c>, <c>node.platform.os</c>, <c>node.platform.arch</c>,
/// <c>node.labels.X</c>, <c>engine.labels.X</c>. A missing label equals the empty text. Unlike in Swarm, where it never matches,
/// an unknown key is refused.
/// </summary>
public sealed class ConstraintExpression
{
    public const string NodeLabelPrefix = "node.labels.";
    public const string EngineLabelPrefix = "engine.labels.";

    private const string Keys =
        "node.id, node.hostname, node.ip, node.role, node.platform.os, node.platform.arch, node.labels.NAME, engine.labels.NAME";

    private readonly Func<NodeRecord, bool> _holds;

    private ConstraintExpression(string text, string key, bool isEqual, string value, Func<NodeRecord, bool> holds) =>
        (Text, Key, IsEqual, Value, _holds) = (text, key, isEqual, value, holds);

    /// <summary>As the user wrote it.</summary>
    public string Text { get; }

    /// <summary>The part before the operator in lower case; the name of a label as written.</summary>
    public string Key { get; }

    public bool IsEqual { get; }

    public string Value { get; }

    public static Result<ConstraintExpression> Parse(string text)
    {
        int at = text.IndexOf("==", StringComparison.Ordinal);
        int not = text.IndexOf("!=", StringComparison.Ordinal);
        bool isEqual = at >= 0 && (not < 0 || at < not);
        int split = isEqual ? at : not;
        if (split <= 0) return Refusal.Invalid($"constraint '{text}' has no == or !=: write KEY==VALUE or KEY!=VALUE; keys are {Keys}");
        string key = text[..split].Trim();
        string value = text[(split + 2)..].Trim();
        if (value.Length == 0) return Refusal.Invalid($"constraint '{text}' has no value: write KEY==VALUE or KEY!=VALUE");
        if (value[0] is '=' or '!') return Refusal.Invalid($"constraint '{text}' is not KEY==VALUE or KEY!=VALUE");

        Result<Func<NodeRecord, bool>> equals = Comparison(key, value);
        if (equals.Refusal is { } refusal) return refusal with { Message = $"constraint '{text}': {refusal.Message}" };
        Func<NodeRecord, bool> matches = equals.Value;
        return new ConstraintExpression(text, Normalised(key), isEqual, value, node => matches(node) == isEqual);
    }

    /// <summary>All of a service's constraints; the first that is wrong is the refusal.</summary>
    public static Result<IReadOnlyList<ConstraintExpression>> ParseAll(IEnumerable<string> texts)
    {
        List<ConstraintExpression> expressions = [];
        foreach (string text in texts)
        {
            Result<ConstraintExpression> expression = Parse(text);
            if (expression.Refusal is { } refusal) return refusal;
            expressions.Add(expression.Value);
        }

        return expressions;
    }

    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ConstraintExpression? expression)
    {
        Result<ConstraintExpression> result = Parse(text);
        expression = result.IsOk ? result.Value : null;
        return result.IsOk;
    }

    public bool Matches(NodeRecord node) => _holds(node);

    public override string ToString() => Text;

    private static Result<Func<NodeRecord, bool>> Comparison(string key, string value)
    {
        if (LabelName(key, NodeLabelPrefix) is { } nodeLabel)
            return TextComparison(node => node.Spec.Labels.Get(nodeLabel) ?? "", value);
        if (LabelName(key, EngineLabelPrefix) is { } engineLabel)
            return TextComparison(node => node.Description.EngineLabels.Get(engineLabel) ?? "", value);
        switch (key.ToLowerInvariant())
        {
            case "node.id":
                return TextComparison(node => node.Id.ToString(), value);
            case "node.hostname":
                return TextComparison(node => node.Description.Hostname, value);
            case "node.platform.os":
                return TextComparison(node => node.Description.Os, value);
            case "node.platform.arch":
                return TextComparison(node => PlatformNames.Architecture(node.Description.Architecture), PlatformNames.Architecture(value));
            case "node.role":
                if (!Enum.TryParse(value, ignoreCase: true, out NodeRole role) || char.IsAsciiDigit(value[0]))
                    return Refusal.Invalid($"'{value}' is not a role: allowed are worker and manager");
                return (Func<NodeRecord, bool>)(node => node.Certificate.Role == role);
            case "node.ip":
                return Address(value);
            default:
                return Refusal.Invalid($"key '{key}' is not known; keys are {Keys}");
        }
    }

    private static Func<NodeRecord, bool> TextComparison(Func<NodeRecord, string> read, string value) =>
        node => string.Equals(read(node), value, StringComparison.OrdinalIgnoreCase);

    private static Result<Func<NodeRecord, bool>> Address(string value)
    {
        if (IPAddress.TryParse(value, out IPAddress? address))
            return (Func<NodeRecord, bool>)(node => IPAddress.TryParse(node.Status.Address, out IPAddress? own) && own.Equals(address));
        if (value.Contains('/', StringComparison.Ordinal) && IPNetwork.TryParse(value, out IPNetwork network))
            return (Func<NodeRecord, bool>)(node => IPAddress.TryParse(node.Status.Address, out IPAddress? own) && network.Contains(own));
        return Refusal.Invalid($"'{value}' is neither an address nor a network such as 10.0.0.0/8 (host bits zero)");
    }

    private static string? LabelName(string key, string prefix) =>
        key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? key[prefix.Length..] : null;

    private static string Normalised(string key) =>
        LabelName(key, NodeLabelPrefix) is { } node ? NodeLabelPrefix + node
        : LabelName(key, EngineLabelPrefix) is { } engine ? EngineLabelPrefix + engine
        : key.ToLowerInvariant();
}
