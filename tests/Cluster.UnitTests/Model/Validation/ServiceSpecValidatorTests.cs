using Cluster.Model;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Validation;
using Xunit;

namespace Cluster.UnitTests.Model.Validation;

public sealed class ServiceSpecValidatorTests
{
    private static readonly ServiceSpec Web = new() { Name = "web", Container = new ContainerSpec { Image = "lab/web:1" } };

    [Fact]
    public void Accepts_what_is_small_and_what_is_full()
    {
        Assert.Null(ServiceSpecValidator.Validate(Web));
        Assert.Null(ServiceSpecValidator.Validate(Samples.Service.Spec with { LogDriver = null, Resources = new() }));
        Assert.Null(ServiceSpecValidator.Validate(Web with { Replicas = 0 }));
        Assert.Null(ServiceSpecValidator.Validate(Web with { LogDriver = new LogDriver("json-file", Labels.From([new("max-size", "10m"), new("max-file", "3")])) }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-web")]
    [InlineData("web.db")]
    [InlineData("web ")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123")]
    public void Refuses_names_that_are_no_dns_label(string name) => AssertInvalid(Web with { Name = name }, "service name");

    [Theory]
    [InlineData(-1)]
    [InlineData(100_001)]
    public void Refuses_impossible_replicas(int replicas) => AssertInvalid(Web with { Replicas = replicas }, "replicas");

    [Fact]
    public void Refuses_resources_that_cannot_be()
    {
        AssertInvalid(Web with { Resources = new() { Limits = new Resources(0, 1 << 20) } }, "memory limit 1MiB");
        AssertInvalid(Web with { Resources = new() { Reservations = new Resources(1, 0) } }, "CPU reservation");
        AssertInvalid(Web with { Resources = new() { Limits = new Resources(0, 64 << 20), Reservations = new Resources(0, 65 << 20) } }, "above the limit");
        AssertInvalid(Web with { Resources = new() { PidsLimit = -1 } }, "pids limit");
        AssertInvalid(Web with { Resources = new() { Limits = new Resources(-1, 0) } }, "CPU limit");
    }

    [Fact]
    public void Refuses_restart_policies_that_cannot_be()
    {
        AssertInvalid(Web with { Restart = new() { MaxAttempts = -1 } }, "attempts");
        AssertInvalid(Web with { Restart = new() { Delay = TimeSpan.FromSeconds(-1) } }, "restart delay");
        AssertInvalid(Web with { Restart = new() { Window = TimeSpan.MaxValue } }, "restart window");
    }

    [Fact]
    public void Refuses_placement_that_could_never_match()
    {
        AssertInvalid(Web with { Placement = new() { Constraints = ["node.colour==red"] } }, "node.colour");
        AssertInvalid(Web with { Placement = new() { SpreadOver = ["node.hostname"] } }, "node.hostname");
        AssertInvalid(Web with { Placement = new() { MaxReplicasPerNode = -1 } }, "per node");
    }

    [Fact]
    public void Refuses_ports_out_of_range_or_given_twice()
    {
        PortSpec port = new(PortProtocol.Tcp, 80, 8080, PublishMode.Host);
        Assert.Null(ServiceSpecValidator.Validate(Web with { Ports = [port, port with { Protocol = PortProtocol.Udp }, port with { PublishedPort = 0 }] }));
        AssertInvalid(Web with { Ports = [port, port with { TargetPort = 81 }] }, "8080/tcp is published twice");
        AssertInvalid(Web with { Ports = [port with { TargetPort = 0 }] }, "target port 0");
        AssertInvalid(Web with { Ports = [port with { PublishedPort = 70000 }] }, "published port 70000");
        AssertInvalid(Web with { Network = NetworkMode.Host, Ports = [port] }, "network host");
    }

    [Fact]
    public void Says_plainly_what_is_not_built_yet()
    {
        AssertUnsupported(Web with { Mode = ServiceMode.Global }, "global");
        AssertUnsupported(Web with { Ports = [new PortSpec(PortProtocol.Tcp, 80, 8080, PublishMode.Ingress)] }, "published=8080,target=80,protocol=tcp,mode=host");
        AssertUnsupported(Web with { LogDriver = new LogDriver("syslog", Labels.Empty) }, "syslog");
        AssertUnsupported(Web with { LogDriver = new LogDriver("json-file", Labels.From([new("tag", "x")])) }, "'tag'");
        AssertUnsupported(Web with { LogDriver = new LogDriver("none", Labels.From([new("max-file", "1")])) }, "'max-file'");
    }

    [Fact]
    public void Refuses_container_settings_that_cannot_be()
    {
        (ContainerSpec Container, string Text)[] cases =
        [
            (Image() with { Image = "" }, "no image"),
            (Image() with { Image = "UPPER" }, "UPPER"),
            (Image() with { Env = ["NAME"] }, "'NAME'"),
            (Image() with { Env = ["=x"] }, "name is empty"),
            (Image() with { Args = ["a\0b"] }, "zero byte"),
            (Image() with { Hostname = "a_b" }, "hostname"),
            (Image() with { WorkingDirectory = "srv" }, "absolute"),
            (Image() with { User = "a b" }, "user"),
            (Image() with { User = ":0" }, "user"),
            (Image() with { Groups = [""] }, "group"),
            (Image() with { StopSignal = "SIGNOPE" }, "SIGNOPE"),
            (Image() with { StopGracePeriod = TimeSpan.FromSeconds(-1) }, "grace"),
            (Image() with { CapabilityAdd = ["CAP_FLY"] }, "CAP_FLY"),
            (Image() with { CapabilityDrop = ["x"] }, "'x'"),
            (Image() with { Hosts = ["db"] }, "host entry"),
            (Image() with { Dns = new() { Servers = ["ns1"] } }, "ns1"),
            (Image() with { Dns = new() { Search = ["a b"] } }, "a b"),
            (Image() with { Dns = new() { Options = [""] } }, "DNS option"),
            (Image() with { Sysctls = Labels.From([new("kernel.panic", "1")]) }, "kernel.panic"),
            (Image() with { Sysctls = Labels.From([new("net/../x", "1")]) }, "net/../x"),
            (Image() with { Ulimits = [new("files", 1, 1)] }, "files"),
            (Image() with { Ulimits = [new("core", 2, 1)] }, "soft"),
            (Image() with { Ulimits = [new("core", 1, 1), new("core", 1, 1)] }, "twice"),
            (Image() with { OomScoreAdj = 1001 }, "OOM"),
            (Image() with { Labels = Labels.From([new("a b", "")]) }, "label key"),
            (Image() with { Args = Enumerable.Repeat(new string('x', 30_000), 10).ToValueList() }, "characters"),
            (Image() with { Args = [new string('x', 40_000)] }, "40000 characters"),
        ];
        foreach ((ContainerSpec container, string text) in cases) AssertInvalid(Web with { Container = container }, text);
    }

    [Fact]
    public void Refuses_network_sysctls_of_the_node() => AssertInvalid(
        Web with { Network = NetworkMode.Host, Container = Image() with { Sysctls = Labels.From([new("net.core.somaxconn", "1")]) } }, "net.*");

    [Fact]
    public void Refuses_mounts_that_cannot_be()
    {
        Mount bind = new() { Type = MountType.Bind, Source = "/data", Target = "/data" };
        Mount volume = new() { Type = MountType.Volume, Source = "db", Target = "/db" };
        Mount tmpfs = new() { Type = MountType.Tmpfs, Target = "/run" };
        Assert.Null(Validate(bind, volume, tmpfs, volume with { Source = "", Target = "/anon" }, volume with { Source = "v-{{.Task.Slot}}", Target = "/t" }));
        AssertInvalid("absolute", bind with { Target = "data" });
        AssertInvalid("'..'", bind with { Target = "/a/../b" });
        AssertInvalid("root", bind with { Target = "//" });
        AssertInvalid("two mounts", bind, volume with { Target = "/data/" });
        AssertInvalid("bind source", bind with { Source = "data" });
        AssertInvalid("bind source", bind with { Source = "" });
        AssertInvalid("type=bind", volume with { Source = "/data" });
        AssertInvalid("tmpfs at", tmpfs with { Source = "x" });
        AssertInvalid("bind-propagation", volume with { Propagation = "shared" });
        AssertInvalid("'odd'", bind with { Propagation = "odd" });
        AssertInvalid("volume-nocopy", bind with { NoCopy = true });
        AssertInvalid("tmpfs-size", bind with { TmpfsSizeBytes = 1 });
        AssertInvalid("tmpfs-size", tmpfs with { TmpfsSizeBytes = -1 });
        AssertInvalid("tmpfs-mode", tmpfs with { TmpfsMode = 0x1000 });
    }

    [Fact]
    public void Never_throws_on_what_a_client_can_send()
    {
        for (int seed = 0; seed < 300; seed++) _ = ServiceSpecValidator.Validate(new RandomModel(seed).Next<ServiceSpec>());
    }

    [Fact]
    public void Checks_nodes_and_clusters()
    {
        Assert.Null(NodeSpecValidator.Validate(Samples.Node.Spec));
        Assert.NotNull(NodeSpecValidator.Validate(new NodeSpec { Labels = Labels.From([new("", "x")]) }));
        Assert.NotNull(NodeSpecValidator.Validate(new NodeSpec { Role = (NodeRole)9 }));
        Assert.Null(ClusterSpecValidator.Validate(new ClusterSpec()));
        Assert.NotNull(ClusterSpecValidator.Validate(new ClusterSpec { CertificateExpiry = TimeSpan.FromMinutes(59) }));
        Assert.NotNull(ClusterSpecValidator.Validate(new ClusterSpec { HeartbeatPeriod = TimeSpan.Zero }));
    }

    private static ContainerSpec Image() => Web.Container;

    private static Refusal? Validate(params Mount[] mounts) => ServiceSpecValidator.Validate(Web with { Container = Image() with { Mounts = mounts.ToValueList() } });

    private static void AssertInvalid(string text, params Mount[] mounts) => AssertInvalid(Web with { Container = Image() with { Mounts = mounts.ToValueList() } }, text);

    private static void AssertInvalid(ServiceSpec spec, string text) => AssertRefused(spec, RefusalKind.Invalid, text);

    private static void AssertUnsupported(ServiceSpec spec, string text) => AssertRefused(spec, RefusalKind.Unsupported, text);

    private static void AssertRefused(ServiceSpec spec, RefusalKind kind, string text)
    {
        Refusal? refusal = ServiceSpecValidator.Validate(spec);
        Assert.NotNull(refusal);
        Assert.Equal(kind, refusal.Kind);
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
    }
}
