using System.Globalization;
using Cluster.Agent.Runtime;
using Cluster.Containers.Images;
using Cluster.Containers.Spec;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Containers.Mounts;

/// <summary>Where a volume goes: <paramref name="Name"/> of the store to <paramref name="Target"/> in the container.</summary>
internal sealed record VolumeUse(string Name, string Target, bool IsReadOnly, bool Copies);

/// <summary>A container's binds and tmpfs ready for its specification, and the volumes that must be made for it. Pure, apart from looking whether sources exist.</summary>
internal sealed record MountPlan(IReadOnlyList<OciMount> Mounts, IReadOnlyList<VolumeUse> Volumes)
{
    private static readonly string[] Propagations = ["rprivate", "private", "rshared", "shared", "rslave", "slave"];

    /// <param name="exists">Whether a path of the host is there.</param>
    public static MountPlan Of(TaskId taskId, ContainerSpec container, ImageConfig image, Func<string, bool> exists)
    {
        List<OciMount> mounts = [];
        List<VolumeUse> volumes = [];
        SortedSet<string> targets = new(StringComparer.Ordinal);
        foreach (Mount mount in container.Mounts)
        {
            string target = Target(mount.Target);
            if (!targets.Add(target)) throw Wrong($"duplicate mount point: {target}");
            switch (mount.Type)
            {
                case MountType.Bind: mounts.Add(Bind(mount, target, exists)); break;
                case MountType.Tmpfs: mounts.Add(Tmpfs(mount, target)); break;
                case MountType.Volume: volumes.Add(Volume(taskId, mount, target, volumes.Count)); break;
                default: throw Wrong($"the mount type {mount.Type} is not known");
            }
        }

        foreach (string path in image.Volumes)
        {
            string target = Target(path);
            if (targets.Add(target)) volumes.Add(new VolumeUse(VolumeStore.Anonymous(taskId, volumes.Count), target, IsReadOnly: false, Copies: true));
        }

        return new MountPlan(mounts, volumes);
    }

    public static OciMount Of(VolumeUse volume, string source) => new(volume.Target, "bind", source, ["rbind", "rprivate", volume.IsReadOnly ? "ro" : "rw"]);

    private static OciMount Bind(Mount mount, string target, Func<string, bool> exists)
    {
        if (!mount.Source.StartsWith('/')) throw Wrong($"invalid mount config for type \"bind\": the source path '{mount.Source}' is not absolute");
        if (!exists(mount.Source)) throw Wrong($"invalid mount config for type \"bind\": bind source path does not exist: {mount.Source}");
        string propagation = mount.Propagation is { Length: > 0 } given ? given : "rprivate";
        if (!Propagations.Contains(propagation, StringComparer.Ordinal)) throw Wrong($"the bind propagation '{propagation}' is none of {string.Join(", ", Propagations)}");
        return new OciMount(target, "bind", mount.Source, ["rbind", propagation, mount.ReadOnly ? "ro" : "rw"]);
    }

    private static OciMount Tmpfs(Mount mount, string target)
    {
        List<string> options = ["noexec", "nosuid", "nodev"];
        if (mount.ReadOnly) options.Add("ro");
        if (mount.TmpfsSizeBytes > 0) options.Add(string.Create(CultureInfo.InvariantCulture, $"size={mount.TmpfsSizeBytes}"));
        options.Add("mode=" + (mount.TmpfsMode is { } mode ? Convert.ToString(mode, 8) : "1777"));
        return new OciMount(target, "tmpfs", "tmpfs", options);
    }

    private static VolumeUse Volume(TaskId taskId, Mount mount, string target, int index)
    {
        if (mount.Source.Length == 0) return new VolumeUse(VolumeStore.Anonymous(taskId, index), target, mount.ReadOnly, !mount.NoCopy);
        if (!VolumeStore.IsName(mount.Source)) throw Wrong($"'{mount.Source}' is not a volume name: letters, digits, _ . - and a letter or digit first");
        return new VolumeUse(mount.Source, target, mount.ReadOnly, !mount.NoCopy);
    }

    private static string Target(string text)
    {
        if (!text.StartsWith('/')) throw Wrong($"invalid mount path: '{text}' mount path must be absolute");
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text));
        return target.Length > 1 ? target : throw Wrong("invalid mount path: the destination cannot be '/'");
    }

    private static RuntimeException Wrong(string message) => new(message, IsTemporary: false);
}
