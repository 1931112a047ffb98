using System.Runtime.InteropServices;

namespace Cluster.Containers.Images;

/// <summary>Picks the manifest of an index that this machine can run.</summary>
internal static class Platform
{
    public static string ArchitectureName(Architecture architecture) => architecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        Architecture.Arm or Architecture.Armv6 => "arm",
        Architecture.X86 => "386",
        Architecture.S390x => "s390x",
        Architecture.Ppc64le => "ppc64le",
        Architecture.RiscV64 => "riscv64",
        Architecture.LoongArch64 => "loong64",
        _ => architecture.ToString().ToLowerInvariant(),
    };

    /// <summary>The first for linux and this architecture, else the first that names no platform; null when there is none.</summary>
    public static DescriptorDocument? Pick(IReadOnlyList<DescriptorDocument> manifests, Architecture architecture)
    {
        string wanted = ArchitectureName(architecture);
        return manifests.FirstOrDefault(manifest =>
                manifest.Platform is { Os: "linux" } platform && string.Equals(platform.Architecture, wanted, StringComparison.Ordinal))
            ?? manifests.FirstOrDefault(manifest => manifest.Platform?.Architecture is null);
    }
}
