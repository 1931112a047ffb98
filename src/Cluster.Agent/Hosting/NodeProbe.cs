using System.Globalization;
using System.Runtime.InteropServices;
using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Agent.Hosting;

/// <summary>What this machine is: read from the kernel each time it is asked.</summary>
public static class NodeProbe
{
    private const string MemoryInfo = "/proc/meminfo";

    /// <param name="engineVersion">Of the container runtime; it may be empty while that is not known.</param>
    /// <param name="engineLabels">Labels that the daemon was started with.</param>
    public static NodeDescription Describe(string engineVersion, Labels engineLabels) => new()
    {
        Hostname = Environment.MachineName,
        Os = "linux",
        Architecture = ArchitectureName(RuntimeInformation.OSArchitecture),
        Resources = new Resources(Environment.ProcessorCount * 1_000_000_000L, File.Exists(MemoryInfo) ? TotalMemoryBytes(File.ReadAllText(MemoryInfo)) : 0),
        EngineVersion = engineVersion,
        EngineLabels = engineLabels,
    };

    /// <summary>As in image manifests: Go's names.</summary>
    internal static string ArchitectureName(Architecture architecture) => architecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        Architecture.X86 => "386",
        Architecture.Arm or Architecture.Armv6 => "arm",
        Architecture.S390x => "s390x",
        Architecture.Ppc64le => "ppc64le",
        Architecture.RiscV64 => "riscv64",
        Architecture.LoongArch64 => "loong64",
        _ => architecture.ToString().ToLowerInvariant(),
    };

    /// <summary>The line <c>MemTotal: 16303224 kB</c>; 0 when there is none.</summary>
    internal static long TotalMemoryBytes(string memoryInfo)
    {
        foreach (ReadOnlySpan<char> line in memoryInfo.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith("MemTotal:", StringComparison.Ordinal)) continue;
            ReadOnlySpan<char> value = line["MemTotal:".Length..].Trim();
            int end = value.IndexOf(' ');
            return long.TryParse(end < 0 ? value : value[..end], NumberStyles.None, CultureInfo.InvariantCulture, out long kib) ? kib * 1024 : 0;
        }

        return 0;
    }
}
