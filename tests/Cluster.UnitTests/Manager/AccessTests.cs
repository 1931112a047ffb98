using Cluster.Api.V1;
using Cluster.Manager.Security;
using Xunit;

namespace Cluster.UnitTests.Manager;

public sealed class AccessTests
{
    /// <summary>Services of the daemon's local socket only; a manager's port does not have them.</summary>
    private static readonly string[] LocalOnly = ["cluster.v1.LocalNode", "cluster.v1.Images"];

    [Fact]
    public void Says_for_every_method_of_the_protocol_who_may_call_it() => Assert.Empty(ProtocolMethods.All
        .Where(method => !LocalOnly.Contains(method.Service.FullName, StringComparer.Ordinal)).Select(ProtocolMethods.NameOf).Where(name => AccessTable.Of(name) is null));

    [Fact]
    public void Opens_nothing_to_anyone_but_the_authority() =>
        Assert.All(ProtocolMethods.All.Where(method => AccessTable.Of(ProtocolMethods.NameOf(method)) == Access.Anyone), method => Assert.Same(CaReflection.Descriptor, method.File));
}
