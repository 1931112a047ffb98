using System.Runtime.InteropServices;

namespace Cluster.Containers;

internal static partial class Interop
{
    /// <summary>False when there is no such process (or it is not ours to signal).</summary>
    public static bool Kill(int pid, int signal) => kill(pid, signal) == 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);
}
