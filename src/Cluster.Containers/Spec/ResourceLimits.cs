using Cluster.Model.Specs;

namespace Cluster.Containers.Spec;

/// <summary>Limits and device rules for the container's cgroup.</summary>
internal static class ResourceLimits
{
    private const ulong CpuPeriodMicroseconds = 100_000;
    private const long LeastCpuQuotaMicroseconds = 1_000;
    private const string All = "rwm";

    /// <summary>Nothing but null, zero, full, random, urandom, tty, console, ptmx and pseudo terminals; making nodes is allowed (Docker's rules).</summary>
    private static readonly OciDeviceRule[] Devices =
    [
        new(false, All),
        new(true, All, "c", 1, 5), new(true, All, "c", 1, 3), new(true, All, "c", 1, 9), new(true, All, "c", 1, 8), new(true, All, "c", 1, 7),
        new(true, All, "c", 5, 0), new(true, All, "c", 5, 1), new(true, All, "c", 5, 2), new(true, All, "c", 136),
        new(true, "m", "c"), new(true, "m", "b"),
    ];

    public static OciResources Of(ResourceRequirements requirements, HostFacts host)
    {
        long limit = requirements.Limits.MemoryBytes, reservation = requirements.Reservations.MemoryBytes, cpus = requirements.Limits.NanoCpus;
        return new OciResources
        {
            Devices = Devices,
            Memory = limit <= 0 && reservation <= 0 ? null : new OciMemory(
                limit > 0 ? limit : null,
                reservation > 0 ? reservation : null,
                limit > 0 && host.CanLimitSwap ? limit : null), // memory and swap together: no swap
            Cpu = cpus <= 0 ? null : new OciCpu(Math.Max((long)((Int128)cpus * CpuPeriodMicroseconds / 1_000_000_000), LeastCpuQuotaMicroseconds), CpuPeriodMicroseconds),
            Pids = requirements.PidsLimit > 0 ? new OciPids(requirements.PidsLimit) : null,
        };
    }
}
