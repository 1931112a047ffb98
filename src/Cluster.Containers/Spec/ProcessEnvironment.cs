namespace Cluster.Containers.Spec;

/// <summary>The environment of a container's first process.</summary>
internal static class ProcessEnvironment
{
    public const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// As Docker: defaults, then the image's, then the service's; a later one takes the place of an earlier one of the same name, and a
    /// name without <c>=</c> removes it.
    /// </summary>
    public static IReadOnlyList<string> Merge(string hostname, bool hasTerminal, IEnumerable<string> image, IEnumerable<string> service)
    {
        List<string> merged = [DefaultPath, "HOSTNAME=" + hostname];
        if (hasTerminal) merged.Add("TERM=xterm");
        foreach (string variable in image.Concat(service))
        {
            int equals = variable.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? variable : variable[..equals];
            int index = merged.FindIndex(other => other.StartsWith(name, StringComparison.Ordinal) && other.Length > name.Length && other[name.Length] == '=');
            if (equals < 0)
            {
                if (index >= 0) merged.RemoveAt(index);
            }
            else if (index >= 0) merged[index] = variable;
            else merged.Add(variable);
        }

        return merged;
    }
}
