using Cluster.Model;
using Cluster.Model.Parsing;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Xunit;

namespace Cluster.UnitTests.Model.Parsing;

public sealed class FlagSyntaxTests
{
    [Theory]
    [InlineData("80", PortProtocol.Tcp, 80, 0, PublishMode.Ingress)]
    [InlineData("8080:80", PortProtocol.Tcp, 80, 8080, PublishMode.Ingress)]
    [InlineData("53:53/udp", PortProtocol.Udp, 53, 53, PublishMode.Ingress)]
    [InlineData("published=8080,target=80,protocol=sctp,mode=host", PortProtocol.Sctp, 80, 8080, PublishMode.Host)]
    [InlineData("target=80,mode=host", PortProtocol.Tcp, 80, 0, PublishMode.Host)]
    public void Reads_ports(string text, PortProtocol protocol, int target, int published, PublishMode mode) =>
        Assert.Equal([new PortSpec(protocol, target, published, mode)], PortSyntax.Parse(text).Value);

    [Fact]
    public void Reads_ranges_of_ports() => Assert.Equal(
        [new PortSpec(PortProtocol.Udp, 80, 8000, PublishMode.Ingress), new PortSpec(PortProtocol.Udp, 81, 8001, PublishMode.Ingress)],
        PortSyntax.Parse("8000-8001:80-81/udp").Value);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("80/icmp")]
    [InlineData("80/tcp/udp")]
    [InlineData("8000-8002:80-81")]
    [InlineData("81-80")]
    [InlineData("a:80")]
    [InlineData("127.0.0.1:80:80")]
    [InlineData("published=80")]
    [InlineData("target=80,mode=mesh")]
    [InlineData("target=80,published=abc")]
    [InlineData("target=80,colour=red")]
    public void Refuses_what_is_no_port(string text) => Assert.False(PortSyntax.Parse(text).IsOk);

    [Fact]
    public void Prints_ports_as_service_ls_does() => Assert.Equal("*:8080->80/tcp", PortSyntax.Format(new PortSpec(PortProtocol.Tcp, 80, 8080, PublishMode.Host)));

    [Fact]
    public void Reads_mounts()
    {
        Assert.Equal(
            new Mount { Type = MountType.Bind, Source = "/a,b", Target = "/data", ReadOnly = true, Propagation = "rslave" },
            MountSyntax.Parse("type=bind,\"src=/a,b\",dst=/data,ro,bind-propagation=rslave").Value);
        Assert.Equal(new Mount { Type = MountType.Volume, Source = "db", Target = "/v", NoCopy = true }, MountSyntax.Parse("source=db,target=/v,volume-nocopy=true").Value);
        Assert.Equal(
            new Mount { Type = MountType.Tmpfs, Target = "/run", TmpfsSizeBytes = 64 << 20, TmpfsMode = 0x3FF },
            MountSyntax.Parse("type=tmpfs,destination=/run,tmpfs-size=64m,tmpfs-mode=1777").Value);
    }

    [Theory]
    [InlineData("type=bind,src=/a", RefusalKind.Invalid)]
    [InlineData("type=floppy,dst=/a", RefusalKind.Invalid)]
    [InlineData("type=image,dst=/a", RefusalKind.Unsupported)]
    [InlineData("dst=/a,volume-driver=nfs", RefusalKind.Unsupported)]
    [InlineData("dst=/a,colour=red", RefusalKind.Invalid)]
    [InlineData("dst=/a,ro=maybe", RefusalKind.Invalid)]
    [InlineData("type=tmpfs,dst=/a,tmpfs-mode=999", RefusalKind.Invalid)]
    [InlineData("\"dst=/a", RefusalKind.Invalid)]
    [InlineData("", RefusalKind.Invalid)]
    public void Refuses_bad_mounts(string text, RefusalKind kind) => Assert.Equal(kind, MountSyntax.Parse(text).Refusal?.Kind);

    [Fact]
    public void Takes_environment_from_flags_files_and_the_caller()
    {
        IEnumerable<string> entries = [.. EnvironmentSyntax.EntriesOfFile(["# comment", "", "A=file", "B=\"quoted\" # kept\r"]), "A=flag", "HOME", "ABSENT"];
        Assert.Equal(["B=\"quoted\" # kept", "A=flag", "HOME=/root"], EnvironmentSyntax.Parse(entries, name => name == "HOME" ? "/root" : null).Value);
        Assert.False(EnvironmentSyntax.Parse(["=x"], _ => null).IsOk);
        Assert.False(EnvironmentSyntax.Parse(["A B=x"], _ => null).IsOk);
    }

    [Theory]
    [InlineData("nofile=1024:2048", "nofile", 1024, 2048)]
    [InlineData("core=0", "core", 0, 0)]
    [InlineData("memlock=-1", "memlock", -1, -1)]
    [InlineData("memlock=unlimited", "memlock", -1, -1)]
    public void Reads_ulimits(string text, string name, long soft, long hard) => Assert.Equal(new Ulimit(name, soft, hard), UlimitSyntax.Parse(text).Value);

    [Theory]
    [InlineData("nofile")]
    [InlineData("nofile=")]
    [InlineData("nofile=1:2:3")]
    [InlineData("nofile=-2")]
    public void Refuses_what_is_no_ulimit(string text) => Assert.False(UlimitSyntax.Parse(text).IsOk);

    [Fact]
    public void Reads_labels()
    {
        Labels labels = LabelSyntax.Parse(["a=1", "b", "c=x=y", "a=2"]).Value;
        Assert.Equal(Labels.From([new("a", "2"), new("b", ""), new("c", "x=y")]), labels);
        Assert.False(LabelSyntax.Parse(["=x"]).IsOk);
    }

    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("term", 15)]
    [InlineData("9", 9)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX-1", 63)]
    [InlineData("SIGSYS", 31)]
    [InlineData("SIGNOPE", null)]
    [InlineData("0", null)]
    [InlineData("65", null)]
    [InlineData("", null)]
    public void Knows_signals(string text, int? number) => Assert.Equal(number, SignalName.NumberOf(text));

    [Theory]
    [InlineData("cap_net_admin", "NET_ADMIN")]
    [InlineData("NET_ADMIN", "NET_ADMIN")]
    [InlineData("all", "ALL")]
    [InlineData("CAP_FLY", null)]
    public void Knows_capabilities(string text, string? name) => Assert.Equal(name, CapabilityName.Normalise(text));

    [Theory]
    [InlineData("nginx", "docker.io/library/nginx:latest", "nginx:latest")]
    [InlineData("lab/web:1", "docker.io/lab/web:1", "lab/web:1")]
    [InlineData("docker.io/library/nginx:1", "docker.io/library/nginx:1", "nginx:1")]
    [InlineData("localhost/x", "localhost/x:latest", "localhost/x:latest")]
    [InlineData("r.example.org:5000/a/b__c:T-1", "r.example.org:5000/a/b__c:T-1", "r.example.org:5000/a/b__c:T-1")]
    [InlineData(
        "a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "docker.io/library/a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void Normalises_image_references(string text, string canonical, string familiar)
    {
        ImageReference reference = ImageReference.Parse(text).Value;
        Assert.Equal(canonical, reference.Canonical);
        Assert.Equal(familiar, reference.Familiar);
        Assert.Equal(reference, ImageReference.Parse(canonical).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("a//b")]
    [InlineData("a:")]
    [InlineData("a:b:c")]
    [InlineData("a@sha256:12")]
    [InlineData("-a")]
    [InlineData("a..b")]
    [InlineData("a b")]
    public void Refuses_what_is_no_image_reference(string text) => Assert.False(ImageReference.Parse(text).IsOk);
}
