using Cluster.Agent.Runtime;
using Cluster.Model.Specs;

namespace Cluster.Containers.Spec;

/// <summary>Ulimits as OCI rlimits, clamped to what this node can give.</summary>
internal static class ProcessLimits
{
    private static readonly string[] Names =
    [
        "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ];

    public static IReadOnlyList<OciRlimit>? Of(ValueList<Ulimit> ulimits, HostFacts host)
    {
        if (ulimits.IsEmpty) return null;
        SortedDictionary<string, OciRlimit> limits = new(StringComparer.Ordinal);
        foreach (Ulimit ulimit in ulimits)
        {
            string name = ulimit.Name.ToLowerInvariant();
            if (!Names.Contains(name, StringComparer.Ordinal))
            {
                throw new RuntimeException($"'{ulimit.Name}' is not a ulimit; it is one of {string.Join(", ", Names)}", IsTemporary: false);
            }

            string type = "RLIMIT_" + name.ToUpperInvariant();
            ulong ceiling = host.CanExceedLimits ? ulong.MaxValue : host.HardLimits.GetValueOrDefault(type, ulong.MaxValue);
            ulong hard = Math.Min(Unlimited(ulimit.Hard), ceiling);
            limits[type] = new OciRlimit(type, hard, Math.Min(Unlimited(ulimit.Soft), hard));
        }

        return [.. limits.Values];
    }

    /// <summary>What was asked for and cannot be given, for the log.</summary>
    public static IEnumerable<string> Clamped(ValueList<Ulimit> ulimits, HostFacts host)
    {
        if (host.CanExceedLimits) yield break;
        foreach (Ulimit ulimit in ulimits)
        {
            ulong ceiling = host.HardLimits.GetValueOrDefault("RLIMIT_" + ulimit.Name.ToUpperInvariant(), ulong.MaxValue);
            if (Unlimited(ulimit.Hard) > ceiling) yield return $"{ulimit.Name} {ulimit.Hard} to {ceiling}";
        }
    }

    private static ulong Unlimited(long value) => value < 0 ? ulong.MaxValue : (ulong)value;
}
