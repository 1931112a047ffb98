using Cluster.Agent.Runtime;
using Cluster.Containers.Spec;
using Cluster.Model.Specs;
using Xunit;

namespace Cluster.UnitTests.Containers.Spec;

public sealed class CapabilitiesTests
{
    [Theory]
    [InlineData("", "", 14)]
    [InlineData("", "ALL", 0)]
    [InlineData("NET_ADMIN", "", 15)]
    [InlineData("cap_net_admin", "ALL", 1)]
    [InlineData("", "CHOWN,kill", 12)]
    [InlineData("ALL", "", 40)]
    [InlineData("ALL", "SYS_ADMIN", 39)]
    public void Applies_what_is_added_and_dropped(string add, string drop, int count) => Assert.Equal(count, Of(add, drop).Count);

    [Theory]
    [InlineData("NOT_ONE", "is not a capability")]
    [InlineData("SYS_RESOURCE", "does not have it on this node")]
    public void Refuses_what_cannot_be_given(string add, string message)
    {
        RuntimeException error = Assert.Throws<RuntimeException>(() => Of(add, ""));
        Assert.False(error.IsTemporary);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_added_capability_opens_its_system_calls()
    {
        Assert.Contains("mount", Denied(Capabilities.Default));
        Assert.DoesNotContain("mount", Denied([.. Capabilities.Default, "CAP_SYS_ADMIN"]));
        Assert.Contains("bpf", Denied(Capabilities.Default));
        Assert.DoesNotContain("bpf", Denied([.. Capabilities.Default, "CAP_SYS_ADMIN"]));
        Assert.Contains("keyctl", Denied(Capabilities.All));
        Assert.DoesNotContain(SeccompProfile.For(Capabilities.All, System.Runtime.InteropServices.Architecture.X64).Syscalls, rule => rule.Names.Contains("clone3"));
        Assert.Equal(7, SeccompProfile.For(Capabilities.Default, System.Runtime.InteropServices.Architecture.X64).Syscalls.Count(rule => rule.Names.Contains("clone")));
    }

    private static IReadOnlyList<string> Denied(IReadOnlyList<string> capabilities) =>
        SeccompProfile.For(capabilities, System.Runtime.InteropServices.Architecture.X64).Syscalls[0].Names;

    private static IReadOnlyList<string> Of(string add, string drop) => Capabilities.Of(
        SpecFixture.Container with { CapabilityAdd = List(add), CapabilityDrop = List(drop) }, SpecFixture.Host);

    private static ValueList<string> List(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries).ToValueList();
}
