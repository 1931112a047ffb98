using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Control.Dispatch;

/// <summary>
/// The service's labels that a container is made of: those that placeholders (<c>{{.Service.Labels.NAME}}</c>) in host name, environment and mount
/// sources name. No other label leaves the managers, whose disks hold it sealed, for a worker's, which does not.
/// </summary>
internal static class ServiceLabelReferences
{
    private const string Open = "{{";
    private const string Close = "}}";
    private const string Prefix = ".Service.Labels.";

    public static Labels Of(Labels labels, TaskTemplate template)
    {
        if (labels.Items.IsEmpty) return labels;
        SortedSet<string> names = new(StringComparer.Ordinal);
        ContainerSpec container = template.Container;
        Collect(container.Hostname, names);
        foreach (string variable in container.Env) Collect(variable, names);
        foreach (Mount mount in container.Mounts) Collect(mount.Source, names);
        return names.Count == 0 ? Labels.Empty : Labels.From(labels.Items.Where(label => names.Contains(label.Key)));
    }

    private static void Collect(string? text, SortedSet<string> names)
    {
        if (text is null) return;
        int close = 0;
        for (int open; (open = text.IndexOf(Open, close, StringComparison.Ordinal)) >= 0;)
        {
            close = text.IndexOf(Close, open, StringComparison.Ordinal);
            if (close < 0) return;
            ReadOnlySpan<char> name = text.AsSpan(open + Open.Length, close - open - Open.Length).Trim();
            if (name.StartsWith(Prefix, StringComparison.Ordinal)) names.Add(name[Prefix.Length..].ToString());
            close += Close.Length;
        }
    }
}
