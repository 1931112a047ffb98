using WireMount = Cluster.Containers.Wire.Types.Mount;

namespace Cluster.Containers.Mounts;

/// <summary>
/// A container's root as it is before anything is written to it, from the mounts that the snapshotter gave: one directory, or the layers
/// of an overlay with the topmost first, relative to <paramref name="Base"/> where that makes them fit into the kernel's page of options.
/// </summary>
internal sealed record OverlayMount(string Base, IReadOnlyList<string> Layers)
{
    private const string LowerKey = "lowerdir=";

    public static OverlayMount Of(IReadOnlyList<WireMount> mounts)
    {
        if (mounts.Count != 1) throw new IOException($"the snapshotter gave {mounts.Count} mounts, one was expected");
        WireMount mount = mounts[0];
        if (mount.Type.Equals("bind", StringComparison.Ordinal)) return new OverlayMount("/", [mount.Source]);
        string lower = mount.Options.FirstOrDefault(option => option.StartsWith(LowerKey, StringComparison.Ordinal))
            ?? throw new IOException($"the snapshotter gave a mount of type {mount.Type} without lower directories");
        string[] layers = lower[LowerKey.Length..].Split(':');
        string shared = CommonDirectory(layers);
        return new OverlayMount(shared, shared.Length <= 1 ? layers : [.. layers.Select(layer => layer[(shared.Length + 1)..])]);
    }

    public string Options => LowerKey + string.Join(':', Layers);

    /// <summary>The deepest directory that holds all of them; "/" when there is no other.</summary>
    private static string CommonDirectory(string[] paths)
    {
        string shared = Path.GetDirectoryName(paths[0]) ?? "/";
        while (shared.Length > 1 && !paths.All(path => path.StartsWith(shared + "/", StringComparison.Ordinal))) shared = Path.GetDirectoryName(shared) ?? "/";
        return shared;
    }
}
