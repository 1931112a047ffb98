using Cluster.Agent.Runtime;
using Cluster.Model.Specs;

namespace Cluster.Containers.Spec;

/// <summary>Kernel settings of the container. Only those that belong to its own namespaces: any other would change the host.</summary>
internal static class Sysctls
{
    private static readonly string[] OfIpc =
        ["kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"];

    public static IReadOnlyDictionary<string, string>? Of(ContainerSpec container, NetworkMode network)
    {
        SortedDictionary<string, string> settings = new(StringComparer.Ordinal);
        if (network != NetworkMode.Host)
        {
            // As Docker since 20.10: a user other than root may bind port 80 and ping.
            settings["net.ipv4.ip_unprivileged_port_start"] = "0";
            settings["net.ipv4.ping_group_range"] = "0 2147483647";
        }

        foreach ((string name, string value) in container.Sysctls.Items)
        {
            bool isOfNetwork = name.StartsWith("net.", StringComparison.Ordinal);
            if (isOfNetwork && network == NetworkMode.Host)
            {
                throw new RuntimeException($"sysctl {name} would change the host: the service uses the host's network", IsTemporary: false);
            }

            if (!isOfNetwork && !name.StartsWith("fs.mqueue.", StringComparison.Ordinal) && !OfIpc.Contains(name, StringComparer.Ordinal))
            {
                throw new RuntimeException($"sysctl {name} does not belong to a container's own namespaces: it would change the host", IsTemporary: false);
            }

            settings[name] = value;
        }

        return settings.Count == 0 ? null : settings;
    }
}
