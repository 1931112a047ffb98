using System.Globalization;
using System.Text;

namespace Cluster.Containers.Containerd;

/// <summary>
/// The configuration of a supervised containerd: only what tasks, images and snapshots need. Plugins of 1.6, 1.7 and 2.x are named;
/// a name that a version does not know is ignored by it. <c>io.containerd.runtime.v1.linux</c> stays enabled: 1.6 does not load its tasks
/// service without it.
/// </summary>
internal static class ContainerdConfig
{
    private static readonly string[] DisabledPlugins =
    [
        "io.containerd.grpc.v1.cri",
        "io.containerd.cri.v1.images",
        "io.containerd.cri.v1.runtime",
        "io.containerd.podsandbox.controller.v1.podsandbox",
        "io.containerd.internal.v1.opt",
        "io.containerd.internal.v1.restart",
        "io.containerd.internal.v1.tracing",
        "io.containerd.tracing.processor.v1.otlp",
        "io.containerd.snapshotter.v1.aufs",
        "io.containerd.snapshotter.v1.btrfs",
        "io.containerd.snapshotter.v1.devmapper",
        "io.containerd.snapshotter.v1.zfs",
        "io.containerd.monitor.v1.cgroups",
    ];

    public static string Render(ContainerdPaths paths)
    {
        StringBuilder text = new();
        text.Append("# Written by clusterd at each start of containerd.\nversion = 2\n");
        Line(text, "root", paths.ContainerdRoot);
        Line(text, "state", paths.ContainerdState);
        text.Append("imports = []\ndisabled_plugins = [\n");
        foreach (string plugin in DisabledPlugins) text.Append(CultureInfo.InvariantCulture, $"  {Quote(plugin)},\n");
        text.Append("]\nrequired_plugins = [\"io.containerd.snapshotter.v1.overlayfs\", \"io.containerd.runtime.v2.task\"]\n\n[grpc]\n");
        Line(text, "  address", paths.Socket);
        text.Append("\n[ttrpc]\n");
        Line(text, "  address", paths.TtrpcSocket);
        text.Append("\n[debug]\n  address = \"\"\n  level = \"warn\"\n\n[metrics]\n  address = \"\"\n");
        text.Append("\n[plugins.\"io.containerd.gc.v1.scheduler\"]\n  startup_delay = \"10s\"\n");
        return text.ToString();
    }

    private static void Line(StringBuilder text, string key, string value) => text.Append(CultureInfo.InvariantCulture, $"{key} = {Quote(value)}\n");

    /// <summary>A TOML basic string.</summary>
    private static string Quote(string value)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in value)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (char.IsControl(c)) quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }
}
