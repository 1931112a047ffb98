using System.Globalization;
using Cluster.Model.Ids;

namespace Cluster.Containers.Runtime;

/// <summary>The cgroups of this node's containers, in one unified hierarchy (v2) or one per controller (v1).</summary>
internal sealed class Cgroups(string containerNamespace, bool isV2)
{
    private const string MountPoint = "/sys/fs/cgroup";

    public string PathOf(TaskId taskId) => $"/cluster/{containerNamespace}/{taskId}";

    /// <summary>Whether the kernel has killed a process of the container at its memory limit.</summary>
    public bool WasOutOfMemory(TaskId taskId)
    {
        string file = isV2 ? MountPoint + PathOf(taskId) + "/memory.events" : MountPoint + "/memory" + PathOf(taskId) + "/memory.oom_control";
        try
        {
            return CountOf("oom_kill", File.ReadLines(file)) > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // the cgroup is gone, or has no memory controller
        }
    }

    /// <summary>Removes what is left of the task's cgroups; what still holds processes stays.</summary>
    public void Remove(TaskId taskId)
    {
        foreach (string hierarchy in Hierarchies()) RemoveTree(hierarchy + PathOf(taskId));
    }

    /// <summary>Removes this node's cgroups, and the directory of all nodes when this was the last.</summary>
    public void RemoveAll()
    {
        foreach (string hierarchy in Hierarchies())
        {
            RemoveTree($"{hierarchy}/cluster/{containerNamespace}");
            RemoveEmpty(hierarchy + "/cluster");
        }
    }

    internal static long CountOf(string key, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space <= 0 || !line.AsSpan(0, space).SequenceEqual(key)) continue;
            return long.TryParse(line.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : 0;
        }

        return 0;
    }

    private string[] Hierarchies() => isV2 ? [MountPoint] : Directory.Exists(MountPoint) ? Directory.GetDirectories(MountPoint) : [];

    private static void RemoveTree(string path)
    {
        if (!Directory.Exists(path)) return;
        foreach (string child in Directory.EnumerateDirectories(path)) RemoveTree(child);
        RemoveEmpty(path);
    }

    private static void RemoveEmpty(string path)
    {
        // The files in a cgroup are no obstacle; .NET's removal would try to delete them.
        if (Directory.Exists(path)) Interop.RemoveDirectory(path);
    }
}
