using Cluster.Model.Parsing;
using Cluster.Model.Specs;

namespace Cluster.Model.Validation;

/// <summary>Rules for single texts that several validators share. Each returns the refusal, or null.</summary>
internal static class TextRules
{
    /// <summary>The start of a placeholder such as <c>{{.Task.Slot}}</c>, which the agent expands.</summary>
    public const string Placeholder = "{{";

    public static bool IsDnsLabel(string text) =>
        text.Length is > 0 and <= SpecLimits.MaxName
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
        && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);

    public static bool IsHostname(string text) =>
        text.Length <= 253 && text.Split('.').All(label => label.Length is > 0 and <= SpecLimits.MaxName
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && label[0] != '-' && label[^1] != '-');

    public static bool HasControlCharacter(string text) => text.Any(char.IsControl);

    public static Refusal? Labels(string what, Labels labels)
    {
        if (labels.Items.Count > SpecLimits.MaxItems) return Refusal.Invalid($"{what}: {labels.Items.Count} labels are too many (at most {SpecLimits.MaxItems})");
        foreach ((string key, string value) in labels.Items)
        {
            if (key.Length is 0 or > SpecLimits.MaxLabelKey || key.Any(c => c == '=' || char.IsWhiteSpace(c) || char.IsControl(c)))
                return Refusal.Invalid($"{what}: '{key}' is not a label key: 1 to {SpecLimits.MaxLabelKey} characters without white space and '='");
            if (value.Length > SpecLimits.MaxText) return Refusal.Invalid($"{what}: the value of '{key}' is too long (at most {SpecLimits.MaxText} characters)");
            if (value.Contains('\0', StringComparison.Ordinal)) return Refusal.Invalid($"{what}: the value of '{key}' has a zero byte in it");
        }

        // A row of any kind has to fit into an answer, with others.
        long total = labels.Items.Sum(label => (long)label.Key.Length + label.Value.Length);
        return total > SpecLimits.MaxTotalText
            ? Refusal.Invalid($"{what}: {total} characters in all are too many (at most {SpecLimits.MaxTotalText}): keep large data in an image or a volume")
            : null;
    }

    /// <summary>Length, number and zero bytes of a list of texts.</summary>
    public static Refusal? Texts(string what, ValueList<string> texts)
    {
        if (texts.Count > SpecLimits.MaxItems) return Refusal.Invalid($"{what}: {texts.Count} entries are too many (at most {SpecLimits.MaxItems})");
        foreach (string text in texts)
        {
            if (text.Length > SpecLimits.MaxText) return Refusal.Invalid($"{what}: an entry has {text.Length} characters (at most {SpecLimits.MaxText})");
            if (text.Contains('\0', StringComparison.Ordinal)) return Refusal.Invalid($"{what}: an entry has a zero byte in it");
        }

        return null;
    }

    public static Refusal? Span(string what, TimeSpan span, TimeSpan longest) =>
        span < TimeSpan.Zero || span > longest
            ? Refusal.Invalid($"{what} {GoDuration.Format(span)} is not allowed: 0s to {GoDuration.Format(longest)}")
            : null;
}
