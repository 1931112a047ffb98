using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Containers.Images;
using Cluster.Containers.Spec;
using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.UnitTests.Containers.Spec;

/// <summary>A host and an input to build specifications from.</summary>
internal static class SpecFixture
{
    public static HostFacts Host { get; } = new()
    {
        Architecture = System.Runtime.InteropServices.Architecture.X64,
        IsCgroupV2 = false,
        CanLimitSwap = true,
        Capabilities = Capabilities.All.Where(name => name != "CAP_SYS_RESOURCE").ToImmutableSortedSet(StringComparer.Ordinal),
        HardLimits = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("RLIMIT_NOFILE", 20000UL)]),
        LowestOomScoreAdj = 0,
        Hostname = "node1",
        InitPath = "/usr/bin/tini-static",
    };

    public static ContainerSpec Container { get; } = new() { Image = "lab/web:1" };

    public static OciSpecInput Input(ContainerSpec container, ImageConfig? image = null, NetworkMode network = NetworkMode.Bridge) => new()
    {
        Plan = new ContainerPlan
        {
            TaskId = TaskId.Parse("0123456789abcdefghijklmno"),
            ServiceId = new ServiceId(1),
            TaskName = "web.1",
            Container = container,
            Network = new NetworkSandbox(network, network == NetworkMode.Host ? null : "/run/cluster/netns/x", [], []),
        },
        Image = image ?? new ImageConfig { Command = ["httpd", "-f"] },
        User = ResolvedUser.Root,
        Host = Host,
        CgroupsPath = "/cluster/n/x",
        Mounts = [],
    };

    public static OciSpec Build(ContainerSpec container) => OciSpecBuilder.Build(Input(container));
}
