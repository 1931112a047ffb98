using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Cluster.Containers.Spec;

/// <summary>Reads <see cref="HostFacts"/> from the kernel's text files.</summary>
internal static class HostFactsReader
{
    private static readonly string[] InitPaths = ["/usr/bin/tini-static", "/usr/bin/docker-init", "/usr/libexec/docker/docker-init", "/sbin/docker-init"];

    private static readonly (string Name, string Type)[] LimitNames =
    [
        ("Max cpu time", "RLIMIT_CPU"), ("Max file size", "RLIMIT_FSIZE"), ("Max data size", "RLIMIT_DATA"), ("Max stack size", "RLIMIT_STACK"),
        ("Max core file size", "RLIMIT_CORE"), ("Max resident set", "RLIMIT_RSS"), ("Max processes", "RLIMIT_NPROC"),
        ("Max open files", "RLIMIT_NOFILE"), ("Max locked memory", "RLIMIT_MEMLOCK"), ("Max address space", "RLIMIT_AS"),
        ("Max file locks", "RLIMIT_LOCKS"), ("Max pending signals", "RLIMIT_SIGPENDING"), ("Max msgqueue size", "RLIMIT_MSGQUEUE"),
        ("Max nice priority", "RLIMIT_NICE"), ("Max realtime priority", "RLIMIT_RTPRIO"), ("Max realtime timeout", "RLIMIT_RTTIME"),
    ];

    public static HostFacts Read()
    {
        bool isV2 = File.Exists("/sys/fs/cgroup/cgroup.controllers");
        ImmutableSortedSet<string> capabilities = ParseCapabilities(File.ReadLines("/proc/self/status"));
        return new HostFacts
        {
            Architecture = RuntimeInformation.OSArchitecture,
            IsCgroupV2 = isV2,
            CanLimitSwap = isV2 ? IsSwapLimitedInV2() : File.Exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"),
            Capabilities = capabilities,
            HardLimits = ParseHardLimits(File.ReadLines("/proc/self/limits")),
            LowestOomScoreAdj = capabilities.Contains("CAP_SYS_RESOURCE") ? -1000 : OwnOomScoreAdj(),
            Hostname = Environment.MachineName,
            InitPath = Array.Find(InitPaths, File.Exists),
        };
    }

    /// <summary>The bounding set of <c>/proc/PID/status</c>, as OCI names.</summary>
    internal static ImmutableSortedSet<string> ParseCapabilities(IEnumerable<string> statusLines)
    {
        foreach (string line in statusLines)
        {
            if (!line.StartsWith("CapBnd:", StringComparison.Ordinal)) continue;
            ulong set = ulong.Parse(line.AsSpan("CapBnd:".Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            return Capabilities.All.Where((_, bit) => (set >> bit & 1) != 0).ToImmutableSortedSet(StringComparer.Ordinal);
        }

        return ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    }

    /// <summary>The hard limits of <c>/proc/PID/limits</c>, a table with columns of fixed width.</summary>
    internal static ImmutableSortedDictionary<string, ulong> ParseHardLimits(IEnumerable<string> lines)
    {
        const int nameWidth = 26, softWidth = 21;
        ImmutableSortedDictionary<string, ulong>.Builder limits = ImmutableSortedDictionary.CreateBuilder<string, ulong>(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            if (line.Length < nameWidth + softWidth) continue;
            string name = line[..nameWidth].Trim();
            string hard = line[(nameWidth + softWidth)..].TrimStart().Split(' ')[0];
            int index = Array.FindIndex(LimitNames, known => known.Name.Equals(name, StringComparison.Ordinal));
            if (index < 0) continue;
            if (hard.Equals("unlimited", StringComparison.Ordinal)) limits[LimitNames[index].Type] = ulong.MaxValue;
            else if (ulong.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)) limits[LimitNames[index].Type] = value;
        }

        return limits.ToImmutable();
    }

    private static bool IsSwapLimitedInV2() =>
        Directory.EnumerateDirectories("/sys/fs/cgroup").Any(group => File.Exists(Path.Combine(group, "memory.swap.max")));

    private static int OwnOomScoreAdj() =>
        int.TryParse(File.ReadAllText("/proc/self/oom_score_adj").AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int score) ? score : 0;
}
