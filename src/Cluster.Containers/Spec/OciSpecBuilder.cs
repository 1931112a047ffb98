using Cluster.Agent.Runtime;
using Cluster.Model.Specs;

namespace Cluster.Containers.Spec;

/// <summary>Builds the OCI specification of a task's container with Docker's defaults. Pure; refusals are the task's fault.</summary>
internal static class OciSpecBuilder
{
    /// <summary>moby: oci/defaults.go.</summary>
    private static readonly string[] MaskedPaths =
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    private const string InitTarget = "/sbin/docker-init";

    public static OciSpec Build(OciSpecInput input)
    {
        ContainerSpec container = input.Plan.Container;
        IReadOnlyList<string> capabilities = Capabilities.Of(container, input.Host);
        return new OciSpec
        {
            Process = Process(input, capabilities),
            Root = new OciRoot("rootfs", container.ReadOnlyRoot),
            Hostname = Hostname(input),
            Mounts = Mounts(input),
            Linux = new OciLinux
            {
                Sysctl = Sysctls.Of(container, input.Plan.Network.Mode),
                Resources = ResourceLimits.Of(input.Plan.Resources, input.Host),
                CgroupsPath = input.CgroupsPath,
                Namespaces = Namespaces(input),
                Seccomp = SeccompProfile.For(capabilities, input.Host.Architecture),
                MaskedPaths = MaskedPaths,
                ReadonlyPaths = ReadonlyPaths,
            },
        };
    }

    /// <summary>Docker's: the first 12 digits of the id; on the host's network the host's.</summary>
    public static string Hostname(OciSpecInput input) =>
        input.Plan.Container.Hostname is { Length: > 0 } given ? given
        : input.Plan.Network.Mode == NetworkMode.Host ? input.Host.Hostname
        : input.Plan.TaskId.ToString()[..12];

    /// <summary>Docker's merge: a command replaces entrypoint and command of the image, arguments only its command.</summary>
    internal static IReadOnlyList<string> Arguments(ContainerSpec container, Images.ImageConfig image)
    {
        List<string> arguments = [.. container.Command.IsEmpty ? image.Entrypoint : container.Command];
        if (!container.Args.IsEmpty) arguments.AddRange(container.Args);
        else if (container.Command.IsEmpty) arguments.AddRange(image.Command);
        if (arguments.Count > 0) return arguments;
        throw new RuntimeException($"no command: neither the service nor the image {container.Image} says what to run", IsTemporary: false);
    }

    private static OciProcess Process(OciSpecInput input, IReadOnlyList<string> capabilities)
    {
        ContainerSpec container = input.Plan.Container;
        IReadOnlyList<string> arguments = Arguments(container, input.Image);
        if (container.Init == true) arguments = [InitTarget, "--", .. arguments];
        string directory = container.WorkingDirectory is { Length: > 0 } given ? given : input.Image.WorkingDirectory;
        if (directory.Length > 0 && directory[0] != '/')
        {
            throw new RuntimeException($"the working directory '{directory}' is not an absolute path", IsTemporary: false);
        }

        bool isRoot = input.User.Uid == 0;
        return new OciProcess
        {
            Terminal = container.Tty,
            User = new OciUser(input.User.Uid, input.User.Gid, input.User.AdditionalGids),
            Args = arguments,
            Env = ProcessEnvironment.Merge(Hostname(input), container.Tty, input.Image.Env, container.Env),
            Cwd = directory.Length == 0 ? "/" : directory,
            Capabilities = new OciCapabilities(capabilities, isRoot ? capabilities : null, isRoot ? capabilities : null),
            Rlimits = ProcessLimits.Of(container.Ulimits, input.Host),
            OomScoreAdj = Math.Max(container.OomScoreAdj, input.Host.LowestOomScoreAdj),
        };
    }

    private static List<OciNamespace> Namespaces(OciSpecInput input)
    {
        List<OciNamespace> namespaces = [new("pid"), new("ipc"), new("uts"), new("mount")];
        if (input.Plan.Network.NamespacePath is { } path) namespaces.Add(new OciNamespace("network", path));
        else if (input.Plan.Network.Mode != NetworkMode.Host) namespaces.Add(new OciNamespace("network"));
        if (input.Host.IsCgroupV2) namespaces.Add(new OciNamespace("cgroup"));
        return namespaces;
    }

    /// <summary>Those of the service take the place of defaults; parents come before what is mounted inside them.</summary>
    private static List<OciMount> Mounts(OciSpecInput input)
    {
        List<OciMount> given = [.. input.Mounts];
        if (input.Plan.Container.Init == true)
        {
            string init = input.Host.InitPath
                ?? throw new RuntimeException("the service asks for an init process, but this node has none: install tini (Debian: apt-get install tini)", IsTemporary: false);
            given.Add(new OciMount(InitTarget, "bind", init, ["bind", "ro"]));
        }

        List<OciMount> mounts = [.. DefaultMounts.All.Where(mount => !given.Exists(other => other.Destination.Equals(mount.Destination, StringComparison.Ordinal)))];
        mounts.AddRange(given.OrderBy(mount => mount.Destination.Count(c => c == '/')));
        return mounts;
    }
}
