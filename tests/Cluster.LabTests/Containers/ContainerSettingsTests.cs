using Cluster.Agent.Runtime;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Xunit;

namespace Cluster.LabTests.Containers;

[Collection(EngineCollection.Name)]
public sealed class ContainerSettingsTests(EngineFixture fixture)
{
    private static ContainerSpec Spec(string script) => new() { Image = "lab/busybox:1", Args = ["sh", "-c", script] };

    [Fact]
    public async Task Runs_as_the_images_user_with_its_groups()
    {
        string stdout = await OutputAsync(Spec("id -u; id -g; id -G; pwd") with { User = "web", WorkingDirectory = "/home/web" });
        Assert.Equal("1000\n1000\n1000 2000\n/home/web\n", stdout);
    }

    [Fact]
    public async Task Gives_environment_host_name_and_files()
    {
        ContainerSpec spec = Spec("echo $IMAGE $OWN; hostname; cat /etc/hostname; cat /etc/resolv.conf; tail -n 1 /etc/hosts") with
        {
            Env = ["OWN=mine"], Hostname = "box", Hosts = ["db:192.0.2.7"], Dns = new DnsSpec { Search = ["lab.test"] },
        };
        Assert.Equal("busybox mine\nbox\nbox\nnameserver 192.0.2.53\nsearch lab.test\n192.0.2.7\tdb\n", await OutputAsync(spec));
    }

    [Fact]
    public async Task Confines_as_docker_does()
    {
        string stdout = await OutputAsync(Spec("grep -E '^(CapEff|CapBnd|Seccomp):' /proc/1/status; unshare -m true 2>/dev/null || echo no-unshare; echo x 2>/dev/null >/proc/sysrq-trigger || echo no-sysrq; cat /proc/kcore | head -c 1"));
        Assert.Equal("CapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nSeccomp:\t2\nno-unshare\nno-sysrq\n", stdout);
    }

    [Fact]
    public async Task Limits_resources()
    {
        ContainerPlan plan = EngineFixture.Plan(Spec("ulimit -n; sleep 1000") with { Ulimits = [new Ulimit("nofile", 1000, 1_000_000_000)] }) with
        {
            Resources = new ResourceRequirements { Limits = new Resources(500_000_000, 64 << 20), PidsLimit = 50 },
        };
        try
        {
            await fixture.Runtime.PrepareAsync(plan, EngineFixture.Ct);
            int pid = await fixture.Runtime.StartAsync(plan.TaskId, EngineFixture.Ct);
            string group = $"/cluster/{fixture.Options.Namespace}/{plan.TaskId}";
            bool isV2 = File.Exists("/sys/fs/cgroup/cgroup.controllers");
            string Value(string controller, string v1, string v2) => File.ReadAllText(isV2 ? $"/sys/fs/cgroup{group}/{v2}" : $"/sys/fs/cgroup/{controller}{group}/{v1}").Trim();
            Assert.Equal((64 << 20).ToString(System.Globalization.CultureInfo.InvariantCulture), Value("memory", "memory.limit_in_bytes", "memory.max"));
            Assert.StartsWith("50000", Value("cpu", "cpu.cfs_quota_us", "cpu.max"), StringComparison.Ordinal);
            Assert.Equal("50", Value("pids", "pids.max", "pids.max"));
            Assert.Contains(group, await File.ReadAllTextAsync($"/proc/{pid}/cgroup", EngineFixture.Ct), StringComparison.Ordinal);
        }
        finally
        {
            await fixture.RemoveAsync(plan.TaskId);
        }
    }

    [Fact]
    public async Task Mounts_binds_volumes_and_tmpfs()
    {
        string source = Path.Combine(fixture.Options.StateDirectory, "bound");
        Directory.CreateDirectory(source);
        await File.WriteAllTextAsync(Path.Combine(source, "file"), "bound\n", EngineFixture.Ct);
        ContainerSpec spec = Spec("cat /bound/file; touch /bound/x 2>/dev/null || echo read-only; cat /vol/seed; ls -ln /vol | tail -n 1 | grep -o '1000 *1000'; touch /vol/new; mount | grep -o '/scratch type tmpfs'") with
        {
            Mounts =
            [
                new Mount { Type = MountType.Bind, Source = source, Target = "/bound", ReadOnly = true },
                new Mount { Type = MountType.Volume, Source = "kept", Target = "/vol" },
                new Mount { Type = MountType.Tmpfs, Target = "/scratch", TmpfsSizeBytes = 1 << 20 },
            ],
        };
        ContainerSpec withData = spec with { Mounts = [.. spec.Mounts.Select(mount => mount.Source == "kept" ? mount with { Target = "/data" } : mount)], Args = ["sh", "-c", spec.Args[2].Replace("/vol", "/data", StringComparison.Ordinal)] };
        Assert.Equal("bound\nread-only\nfrom the image\n1000     1000\n/scratch type tmpfs\n", await OutputAsync(withData));
        Assert.True(File.Exists(Path.Combine(fixture.Options.StateDirectory, "volumes", "kept", "new")));
    }

    [Fact]
    public async Task A_symlink_of_the_image_does_not_lead_a_volume_to_the_host()
    {
        ContainerSpec spec = Spec("ls -A /copy") with { Mounts = [new Mount { Type = MountType.Volume, Source = "trapped", Target = "/trap/" }] };
        await OutputAsync(spec);
        string volume = Path.Combine(fixture.Options.StateDirectory, "volumes", "trapped");
        Assert.False(File.Exists(Path.Combine(volume, "shadow")));
        Assert.True(File.Exists(Path.Combine(volume, "passwd"))); // the image's own /etc
    }

    [Fact]
    public async Task Gives_a_terminal_a_read_only_root_and_an_init()
    {
        Assert.Contains("/dev/pts/0", await OutputAsync(Spec("tty") with { Tty = true }), StringComparison.Ordinal);
        Assert.Equal("read-only\n", await OutputAsync(Spec("touch /x 2>/dev/null || echo read-only") with { ReadOnlyRoot = true }));
        if (File.Exists("/usr/bin/tini-static")) Assert.Equal("docker-init\n", await OutputAsync(Spec("cat /proc/1/comm") with { Init = true }));
    }

    private async Task<string> OutputAsync(ContainerSpec spec)
    {
        (ContainerExit _, string stdout, string _) = await fixture.RunAsync(EngineFixture.Plan(spec));
        return stdout;
    }
}
