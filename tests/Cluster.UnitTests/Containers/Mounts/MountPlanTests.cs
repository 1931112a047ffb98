using Cluster.Agent.Runtime;
using Cluster.Containers.Images;
using Cluster.Containers.Mounts;
using Cluster.Containers.Spec;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Xunit;
using WireMount = Cluster.Containers.Wire.Types.Mount;

namespace Cluster.UnitTests.Containers.Mounts;

public sealed class MountPlanTests
{
    private static readonly TaskId Id = TaskId.Parse("0123456789abcdefghijklmno");

    [Fact]
    public void Plans_every_kind_of_mount()
    {
        MountPlan plan = Plan(
            new Mount { Type = MountType.Bind, Source = "/src", Target = "/bound/", ReadOnly = true, Propagation = "rslave" },
            new Mount { Type = MountType.Tmpfs, Target = "/tmp", TmpfsSizeBytes = 4096, TmpfsMode = 0x1c0 },
            new Mount { Type = MountType.Volume, Source = "data", Target = "/data", NoCopy = true },
            new Mount { Type = MountType.Volume, Target = "/own" });
        Assert.Equal(["/bound rslave ro", "/tmp nodev size=4096 mode=700"], plan.Mounts.Select(mount => mount.Destination + " " + string.Join(' ', mount.Options.Where(option => option is not ("rbind" or "noexec" or "nosuid")))));
        Assert.Equal([new VolumeUse("data", "/data", false, false), new VolumeUse(VolumeStore.Anonymous(Id, 1), "/own", false, true)], plan.Volumes);
    }

    [Fact]
    public void A_volume_of_the_image_gives_way_to_a_mount_of_the_service()
    {
        ContainerSpec container = new() { Image = "x", Mounts = [new Mount { Type = MountType.Tmpfs, Target = "/a" }] };
        MountPlan plan = MountPlan.Of(Id, container, new ImageConfig { Volumes = ["/a", "/b"] }, _ => true);
        Assert.Equal("/b", Assert.Single(plan.Volumes).Target);
    }

    [Theory]
    [InlineData(MountType.Bind, "/missing", "/x", "bind source path does not exist")]
    [InlineData(MountType.Bind, "relative", "/x", "not absolute")]
    [InlineData(MountType.Volume, "../escape", "/x", "not a volume name")]
    [InlineData(MountType.Volume, ".anonymous-x", "/x", "not a volume name")]
    [InlineData(MountType.Tmpfs, "", "x", "must be absolute")]
    [InlineData(MountType.Tmpfs, "", "/a/..", "cannot be '/'")]
    public void Refuses_wrong_mounts_as_the_tasks_fault(MountType type, string source, string target, string message)
    {
        RuntimeException error = Assert.Throws<RuntimeException>(() => Plan(new Mount { Type = type, Source = source, Target = target }));
        Assert.False(error.IsTemporary);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_target_twice() =>
        Assert.Throws<RuntimeException>(() => Plan(new Mount { Type = MountType.Tmpfs, Target = "/a" }, new Mount { Type = MountType.Tmpfs, Target = "/a/" }));

    [Theory]
    [InlineData("", 0u, 0u, "")]
    [InlineData("web", 1000u, 1001u, "7")]
    [InlineData("1000", 1000u, 1001u, "7")]
    [InlineData("web:staff", 1000u, 7u, "")]
    [InlineData("77", 77u, 0u, "")]
    [InlineData("77:88", 77u, 88u, "")]
    public void Resolves_users_as_docker_does(string text, uint uid, uint gid, string groups)
    {
        UserDatabase database = new("root:x:0:0::/:\nweb:x:1000:1001::/:\nbroken\n", "staff:x:7:web,other\nempty:x:9:\n");
        ResolvedUser user = database.Resolve(text, []);
        Assert.Equal((uid, gid, groups), (user.Uid, user.Gid, string.Join(',', user.AdditionalGids)));
        Assert.Throws<RuntimeException>(() => database.Resolve("nobody", []));
        Assert.Throws<RuntimeException>(() => database.Resolve("web:nogroup", []));
        Assert.Equal([7u, 42u], database.Resolve("0", ["42", "staff"]).AdditionalGids);
    }

    [Fact]
    public void Shortens_the_layers_of_an_overlay()
    {
        WireMount mount = new() { Type = "overlay", Source = "overlay" };
        mount.Options.AddRange(["workdir=/s/3/work", "upperdir=/s/3/fs", "lowerdir=/s/2/fs:/s/1/fs"]);
        OverlayMount overlay = OverlayMount.Of([mount]);
        Assert.Equal(("/s", "lowerdir=2/fs:1/fs"), (overlay.Base, overlay.Options));
        WireMount single = new() { Type = "overlay", Options = { "lowerdir=/s/1/fs" } };
        Assert.Equal(("/s/1", "fs"), (OverlayMount.Of([single]).Base, Assert.Single(OverlayMount.Of([single]).Layers)));
    }

    private static MountPlan Plan(params Mount[] mounts) =>
        MountPlan.Of(Id, new ContainerSpec { Image = "x", Mounts = mounts.ToValueList() }, new ImageConfig(), path => path == "/src");
}
