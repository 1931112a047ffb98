namespace Cluster.Model.Parsing;

/// <summary>Linux capabilities, with or without <c>CAP_</c>, in any case; <c>ALL</c> is all of them (capabilities(7)).</summary>
public static class CapabilityName
{
    public const string All = "ALL";

    private static readonly string[] Names =
    [
        "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH",
        "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
        "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
    ];

    /// <summary>All names that are known, without <c>CAP_</c>, sorted.</summary>
    public static IReadOnlyList<string> Known => Names;

    /// <summary>The name without <c>CAP_</c> in upper case, <see cref="All"/>, or null when it is not known.</summary>
    public static string? Normalise(string text)
    {
        string name = text.ToUpperInvariant();
        if (name.StartsWith("CAP_", StringComparison.Ordinal)) name = name[4..];
        return name == All || Names.Contains(name, StringComparer.Ordinal) ? name : null;
    }
}
