using Cluster.Agent.Runtime;
using Cluster.Model.Specs;

namespace Cluster.Containers.Spec;

/// <summary>Docker's default set, and what a service adds to and drops from it.</summary>
internal static class Capabilities
{
    /// <summary>In the order of their bits (linux/capability.h).</summary>
    public static readonly string[] All =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
        "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>moby/profiles: oci/caps/defaults.go.</summary>
    public static readonly string[] Default =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP",
        "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    private const string AllKeyword = "ALL";

    /// <summary>As Docker: drop ALL starts from nothing, add ALL from all, single names are applied after that.</summary>
    public static IReadOnlyList<string> Of(ContainerSpec container, HostFacts host)
    {
        List<string> added = [.. container.CapabilityAdd.Select(Normalize)];
        List<string> dropped = [.. container.CapabilityDrop.Select(Normalize)];
        bool hasAll = added.Remove(AllKeyword), dropsAll = dropped.Remove(AllKeyword);
        foreach (string name in added)
        {
            if (host.Capabilities.Contains(name)) continue;
            throw new RuntimeException($"the capability {name} cannot be added: clusterd itself does not have it on this node", IsTemporary: false);
        }

        IEnumerable<string> basis = hasAll ? All : dropsAll ? [] : Default;
        return [.. All.Where(name => (basis.Contains(name, StringComparer.Ordinal) && !dropped.Contains(name) || added.Contains(name)) && host.Capabilities.Contains(name))];
    }

    private static string Normalize(string text)
    {
        string name = text.Trim().ToUpperInvariant();
        if (name.Equals(AllKeyword, StringComparison.Ordinal)) return name;
        if (!name.StartsWith("CAP_", StringComparison.Ordinal)) name = "CAP_" + name;
        if (All.Contains(name, StringComparer.Ordinal)) return name;
        throw new RuntimeException($"'{text}' is not a capability; such as NET_ADMIN or CAP_NET_ADMIN", IsTemporary: false);
    }
}
