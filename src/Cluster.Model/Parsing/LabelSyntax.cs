using Cluster.Model.Specs;

namespace Cluster.Model.Parsing;

/// <summary>The values of <c>--label</c> and its kind: <c>key=value</c>, or <c>key</c> for an empty value.</summary>
public static class LabelSyntax
{
    public static Result<Labels> Parse(IEnumerable<string> entries)
    {
        Labels labels = Labels.Empty;
        foreach (string entry in entries)
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            string key = (equals < 0 ? entry : entry[..equals]).Trim();
            if (key.Length == 0) return Refusal.Invalid($"label '{entry}' has no key: write key=value");
            labels = labels.With(key, equals < 0 ? "" : entry[(equals + 1)..]);
        }

        return labels;
    }
}
