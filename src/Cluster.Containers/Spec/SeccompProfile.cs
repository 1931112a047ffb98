using System.Runtime.InteropServices;

namespace Cluster.Containers.Spec;

/// <summary>
/// What Docker's documentation says its default profile blocks, written as the list of what is denied. Docker writes what is allowed, some
/// 374 names, which costs about 25 ms at each start of a container; the difference is in calls that neither list knows (new ones of newer
/// kernels), which are allowed here. As with Docker, an added capability opens the calls that it is for.
/// </summary>
internal static class SeccompProfile
{
    private const string Allow = "SCMP_ACT_ALLOW", Errno = "SCMP_ACT_ERRNO";
    private const uint NotPermitted = 1, NoSuchCall = 38;
    private const uint AddressFamilyVsock = 40;

    /// <summary>CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}.</summary>
    private static readonly ulong[] CloneNamespaceFlags = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000];

    private static readonly string[] DeniedAlways =
    [
        "_sysctl", "add_key", "create_module", "get_kernel_syms", "io_uring_enter", "io_uring_register", "io_uring_setup", "keyctl",
        "nfsservctl", "pivot_root", "query_module", "request_key", "swapoff", "swapon", "sysfs", "uselib", "userfaultfd", "ustat",
        "vm86", "vm86old",
    ];

    private static readonly (string Capability, string[] Calls)[] DeniedWithout =
    [
        ("CAP_BPF", ["bpf"]),
        ("CAP_DAC_READ_SEARCH", ["open_by_handle_at"]),
        ("CAP_PERFMON", ["perf_event_open"]),
        ("CAP_SYSLOG", ["syslog"]),
        ("CAP_SYS_ADMIN",
        [
            "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount", "mount_setattr", "move_mount", "open_tree",
            "quotactl", "quotactl_fd", "setdomainname", "sethostname", "setns", "umount", "umount2", "unshare",
        ]),
        ("CAP_SYS_BOOT", ["kexec_file_load", "kexec_load", "reboot"]),
        ("CAP_SYS_MODULE", ["delete_module", "finit_module", "init_module"]),
        ("CAP_SYS_NICE", ["get_mempolicy", "mbind", "move_pages", "set_mempolicy", "set_mempolicy_home_node"]),
        ("CAP_SYS_PACCT", ["acct"]),
        ("CAP_SYS_PTRACE", ["kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev"]),
        ("CAP_SYS_RAWIO", ["ioperm", "iopl"]),
        ("CAP_SYS_TIME", ["clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64", "settimeofday", "stime"]),
        ("CAP_SYS_TTY_CONFIG", ["vhangup"]),
    ];

    public static OciSeccomp For(IReadOnlyList<string> capabilities, Architecture architecture)
    {
        bool Has(string capability) => capabilities.Contains(capability, StringComparer.Ordinal);
        List<string> denied = [.. DeniedAlways];
        foreach ((string capability, string[] calls) in DeniedWithout)
        {
            // As Docker: SYS_ADMIN includes what was split off from it.
            bool isOpened = Has(capability) || capability is "CAP_BPF" or "CAP_PERFMON" && Has("CAP_SYS_ADMIN");
            if (!isOpened) denied.AddRange(calls);
        }

        denied.Sort(StringComparer.Ordinal);
        List<OciSyscall> rules = [new OciSyscall(denied, Errno, NotPermitted)];
        if (!Has("CAP_SYS_ADMIN"))
        {
            // clone3 hides its flags in memory; "no such call" makes C libraries use clone, whose flags can be checked.
            rules.Add(new OciSyscall(["clone3"], Errno, NoSuchCall));
            foreach (ulong flag in CloneNamespaceFlags)
            {
                rules.Add(new OciSyscall(["clone"], Errno, NotPermitted, [new OciSyscallArg(0, flag, flag, "SCMP_CMP_MASKED_EQ")]));
            }
        }

        rules.Add(new OciSyscall(["socket"], Errno, NotPermitted, [new OciSyscallArg(0, AddressFamilyVsock, 0, "SCMP_CMP_EQ")]));
        return new OciSeccomp(Allow, Architectures(architecture), rules);
    }

    private static string[] Architectures(Architecture architecture) => architecture switch
    {
        Architecture.X64 => ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        Architecture.Arm64 => ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
        _ => [],
    };
}
