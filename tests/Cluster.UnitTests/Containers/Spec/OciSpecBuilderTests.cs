using System.Text;
using System.Text.Json.Nodes;
using Cluster.Agent.Runtime;
using Cluster.Containers.Images;
using Cluster.Containers.Spec;
using Cluster.Model.Specs;
using Xunit;

namespace Cluster.UnitTests.Containers.Spec;

public sealed class OciSpecBuilderTests
{
    [Fact]
    public void Builds_the_golden_specification_of_a_plain_service()
    {
        OciSpec spec = SpecFixture.Build(SpecFixture.Container);
        JsonObject json = JsonNode.Parse(spec.ToJson())!.AsObject();
        json["linux"]!.AsObject().Remove("seccomp"); // has a test of its own
        string golden = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Containers", "Spec", "plain.golden.json"));
        Assert.Equal(JsonNode.Parse(golden)!.ToJsonString(), json.ToJsonString());
    }

    [Theory]
    [InlineData("", "", "", "cmd", "cmd")]
    [InlineData("entry", "", "", "cmd", "entry cmd")]
    [InlineData("entry", "", "own", "cmd", "entry own")]
    [InlineData("entry", "mine", "", "cmd", "mine")]
    [InlineData("entry", "mine", "own", "cmd", "mine own")]
    public void Merges_commands_as_docker_does(string entrypoint, string command, string arguments, string imageCommand, string expected)
    {
        ContainerSpec container = SpecFixture.Container with { Command = Words(command), Args = Words(arguments) };
        ImageConfig image = new() { Entrypoint = Words(entrypoint), Command = Words(imageCommand) };
        Assert.Equal(expected, string.Join(' ', OciSpecBuilder.Build(SpecFixture.Input(container, image)).Process.Args));
    }

    [Fact]
    public void Refuses_a_container_without_a_command() =>
        Assert.Contains("no command", Assert.Throws<RuntimeException>(() => OciSpecBuilder.Build(SpecFixture.Input(SpecFixture.Container, new ImageConfig()))).Message, StringComparison.Ordinal);

    [Fact]
    public void Merges_the_environment_by_name()
    {
        IReadOnlyList<string> merged = ProcessEnvironment.Merge("h", true, ["A=image", "B=image", "PATH=/x"], ["B=service", "C=", "A", "NONE"]);
        Assert.Equal(["PATH=/x", "HOSTNAME=h", "TERM=xterm", "B=service", "C="], merged);
    }

    [Fact]
    public void A_user_other_than_root_gets_no_effective_capabilities()
    {
        OciSpecInput input = SpecFixture.Input(SpecFixture.Container) with { User = new ResolvedUser(1000, 1000, [7]) };
        OciProcess process = OciSpecBuilder.Build(input).Process;
        Assert.Null(process.Capabilities.Effective);
        Assert.Equal(Capabilities.Default.Length, process.Capabilities.Bounding.Count);
        Assert.Equal([7u], process.User.AdditionalGids);
    }

    [Fact]
    public void The_hosts_network_has_no_namespace_and_the_hosts_name()
    {
        OciSpec spec = OciSpecBuilder.Build(SpecFixture.Input(SpecFixture.Container, network: NetworkMode.Host));
        Assert.DoesNotContain(spec.Linux.Namespaces, space => space.Type == "network");
        Assert.Equal("node1", spec.Hostname);
        Assert.Null(spec.Linux.Sysctl);
    }

    [Fact]
    public void A_mount_of_the_service_takes_the_place_of_a_default_and_parents_come_first()
    {
        OciMount deep = new("/a/b", "tmpfs", "tmpfs", []), shallow = new("/a", "tmpfs", "tmpfs", []), shm = new("/dev/shm", "tmpfs", "tmpfs", ["size=1m"]);
        IReadOnlyList<OciMount> mounts = OciSpecBuilder.Build(SpecFixture.Input(SpecFixture.Container) with { Mounts = [deep, shm, shallow] }).Mounts;
        Assert.Single(mounts, mount => mount.Destination == "/dev/shm");
        Assert.Equal([shallow, deep, shm], mounts.Skip(DefaultMounts.All.Length - 1));
    }

    [Fact]
    public void Init_is_mounted_and_runs_the_command()
    {
        OciSpec spec = SpecFixture.Build(SpecFixture.Container with { Init = true });
        Assert.Equal(["/sbin/docker-init", "--", "httpd", "-f"], spec.Process.Args);
        Assert.Equal("/usr/bin/tini-static", spec.Mounts[^1].Source);
        OciSpecInput without = SpecFixture.Input(SpecFixture.Container with { Init = true }) with { Host = SpecFixture.Host with { InitPath = null } };
        Assert.Contains("install tini", Assert.Throws<RuntimeException>(() => OciSpecBuilder.Build(without)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_become_cgroup_settings()
    {
        ResourceRequirements requirements = new() { Limits = new Resources(1_500_000_000, 100 << 20), Reservations = new Resources(0, 50 << 20), PidsLimit = 9 };
        OciResources resources = ResourceLimits.Of(requirements, SpecFixture.Host);
        Assert.Equal(new OciMemory(100 << 20, 50 << 20, 100 << 20), resources.Memory);
        Assert.Equal(new OciCpu(150_000, 100_000), resources.Cpu);
        Assert.Equal(new OciPids(9), resources.Pids);
        Assert.Null(ResourceLimits.Of(requirements, SpecFixture.Host with { CanLimitSwap = false }).Memory!.Swap);
        Assert.Equal(1_000, ResourceLimits.Of(new() { Limits = new Resources(1, 0) }, SpecFixture.Host).Cpu!.Quota);
    }

    [Fact]
    public void Clamps_what_the_node_cannot_give()
    {
        ValueList<Ulimit> ulimits = [new Ulimit("nofile", -1, -1), new Ulimit("core", 0, 0)];
        Assert.Equal([new OciRlimit("RLIMIT_CORE", 0, 0), new OciRlimit("RLIMIT_NOFILE", 20000, 20000)], ProcessLimits.Of(ulimits, SpecFixture.Host)!);
        Assert.Equal(["nofile -1 to 20000"], ProcessLimits.Clamped(ulimits, SpecFixture.Host));
        Assert.Equal(0, SpecFixture.Build(SpecFixture.Container with { OomScoreAdj = -500 }).Process.OomScoreAdj);
        Assert.Throws<RuntimeException>(() => ProcessLimits.Of([new Ulimit("nofiles", 1, 1)], SpecFixture.Host));
    }

    [Theory]
    [InlineData("net.core.somaxconn", NetworkMode.Bridge, true)]
    [InlineData("net.core.somaxconn", NetworkMode.Host, false)]
    [InlineData("kernel.shmmax", NetworkMode.Host, true)]
    [InlineData("kernel.panic", NetworkMode.Bridge, false)]
    [InlineData("vm.swappiness", NetworkMode.Bridge, false)]
    public void Only_sysctls_of_the_containers_own_namespaces_are_set(string name, NetworkMode network, bool isAllowed)
    {
        ContainerSpec container = SpecFixture.Container with { Sysctls = Labels.Empty.With(name, "1") };
        if (isAllowed) Assert.Equal("1", Sysctls.Of(container, network)![name]);
        else Assert.Contains("would change the host", Assert.Throws<RuntimeException>(() => Sysctls.Of(container, network)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 15u)]
    [InlineData("", 15u)]
    [InlineData("SIGQUIT", 3u)]
    [InlineData("usr1", 10u)]
    [InlineData("9", 9u)]
    [InlineData("SIGRTMIN+3", 37u)]
    [InlineData("RTMAX-1", 63u)]
    public void Knows_signals(string? text, uint number) => Assert.Equal(number, Signals.Parse(text));

    [Theory]
    [InlineData("SIGNOTHING")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("SIGRTMIN+40")]
    public void Refuses_what_is_no_signal(string text) => Assert.Throws<RuntimeException>(() => Signals.Parse(text));

    [Fact]
    public void Reads_the_hosts_limits_and_capabilities()
    {
        string limits = "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 20000                files     \nMax core file size        0                    unlimited            bytes     \n";
        Assert.Equal(20000UL, HostFactsReader.ParseHardLimits(limits.Split('\n'))["RLIMIT_NOFILE"]);
        Assert.Equal(ulong.MaxValue, HostFactsReader.ParseHardLimits(limits.Split('\n'))["RLIMIT_CORE"]);
        Assert.Equal(["CAP_CHOWN", "CAP_KILL"], HostFactsReader.ParseCapabilities(["Name:\tx", "CapBnd:\t0000000000000021"]));
    }

    private static List<string> WordList(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private static ValueList<string> Words(string text) => WordList(text).ToValueList();
}
