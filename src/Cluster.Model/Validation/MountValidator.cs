using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Model.Validation;

/// <summary>Mounts: absolute, unique targets, and options only where they have a meaning.</summary>
internal static class MountValidator
{
    private const int HighestMode = 0xFFF;

    private static readonly string[] Propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

    public static Refusal? Validate(ValueList<Mount> mounts)
    {
        if (mounts.Count > SpecLimits.MaxItems) return Refusal.Invalid($"{mounts.Count} mounts are too many (at most {SpecLimits.MaxItems})");
        HashSet<string> targets = new(StringComparer.Ordinal);
        foreach (Mount mount in mounts)
        {
            if (Target(mount.Target) is { } target) return target;
            if (!targets.Add(mount.Target.TrimEnd('/'))) return Refusal.Invalid($"two mounts have the target '{mount.Target}': each needs its own");
            if ((Source(mount) ?? Options(mount)) is { } refusal) return refusal;
        }

        return null;
    }

    private static Refusal? Target(string target)
    {
        if (target.Contains(TextRules.Placeholder, StringComparison.Ordinal) && target[0] == '/') return null;
        if (!IsAbsolutePath(target)) return Refusal.Invalid($"mount target '{target}' is not an absolute path without '.' and '..'");
        return target.Trim('/').Length == 0 ? Refusal.Invalid("a mount cannot replace the container's root '/'") : null;
    }

    private static Refusal? Source(Mount mount)
    {
        bool hasPlaceholder = mount.Source.Contains(TextRules.Placeholder, StringComparison.Ordinal);
        switch (mount.Type)
        {
            case MountType.Bind when !(hasPlaceholder ? mount.Source[0] == '/' : IsAbsolutePath(mount.Source)):
                return Refusal.Invalid($"bind source '{mount.Source}' is not an absolute path on the node without '.' and '..'");
            case MountType.Volume when mount.Source.Length > 0 && !hasPlaceholder && !IsVolumeName(mount.Source):
                string advice = mount.Source[0] == '/' ? "; for a path on the node say type=bind" : "";
                return Refusal.Invalid($"volume name '{mount.Source}' is not allowed: letters, digits, '_', '.' and '-', the first a letter or digit, at most 128{advice}");
            case MountType.Tmpfs when mount.Source.Length > 0:
                return Refusal.Invalid($"tmpfs at '{mount.Target}' has a source: leave it out");
            default:
                return null;
        }
    }

    private static Refusal? Options(Mount mount)
    {
        string where = $"mount at '{mount.Target}'";
        if (mount.Propagation is { } propagation)
        {
            if (mount.Type != MountType.Bind) return Refusal.Invalid($"{where}: bind-propagation is for type bind only");
            if (!Propagations.Contains(propagation)) return Refusal.Invalid($"{where}: bind-propagation '{propagation}' is not known; allowed are {string.Join(", ", Propagations)}");
        }

        if (mount.NoCopy && mount.Type != MountType.Volume) return Refusal.Invalid($"{where}: volume-nocopy is for type volume only");
        if (mount.Type != MountType.Tmpfs && (mount.TmpfsSizeBytes != 0 || mount.TmpfsMode is not null))
            return Refusal.Invalid($"{where}: tmpfs-size and tmpfs-mode are for type tmpfs only");
        if (mount.TmpfsSizeBytes < 0) return Refusal.Invalid($"{where}: tmpfs-size is negative");
        if (mount.TmpfsMode is < 0 or > HighestMode) return Refusal.Invalid($"{where}: tmpfs-mode is not an octal mode up to 7777");
        return null;
    }

    private static bool IsAbsolutePath(string path) =>
        path.Length is > 0 and <= 4096 && path[0] == '/' && !TextRules.HasControlCharacter(path) && path.Split('/').All(part => part is not ("." or ".."));

    private static bool IsVolumeName(string name) =>
        name.Length <= 128 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
