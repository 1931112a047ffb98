using System.Runtime.InteropServices;

namespace Cluster.Node.Lifecycle;

internal static class ProcessorArchitecture
{
    /// <summary>As image manifests name it.</summary>
    public static string Name => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        Architecture other => other.ToString().ToLowerInvariant(),
    };
}
