using Cluster.Api.V1;
using Cluster.Manager.Security;
using Google.Protobuf.Reflection;
using Xunit;

namespace Cluster.UnitTests.Manager;

public sealed class AccessTests
{
    /// <summary>Services of the daemon's local socket only; a manager's port does not have them.</summary>
    private static readonly string[] LocalOnly = ["cluster.v1.LocalNode", "cluster.v1.Images"];

    [Fact]
    public void Says_for_every_method_of_the_protocol_who_may_call_it()
    {
        FileDescriptor[] files =
        [
            ControlReflection.Descriptor, CaReflection.Descriptor, DispatcherReflection.Descriptor, LogsReflection.Descriptor, WatchReflection.Descriptor,
            HealthReflection.Descriptor, NodeReflection.Descriptor, RaftReflection.Descriptor, ManagersReflection.Descriptor,
        ];
        string[] unjudged =
        [
            .. files.SelectMany(file => file.Services).Where(service => !LocalOnly.Contains(service.FullName, StringComparer.Ordinal))
                .SelectMany(service => service.Methods.Select(method => $"/{service.FullName}/{method.Name}"))
                .Where(method => AccessTable.Of(method) is null),
        ];
        Assert.Empty(unjudged);
    }

    [Fact]
    public void Opens_nothing_to_anyone_but_the_authority()
    {
        IEnumerable<string> open = ControlReflection.Descriptor.Services.Concat(DispatcherReflection.Descriptor.Services).Concat(LogsReflection.Descriptor.Services)
            .Concat(WatchReflection.Descriptor.Services).Concat(RaftReflection.Descriptor.Services).SelectMany(service => service.Methods.Select(method => $"/{service.FullName}/{method.Name}"))
            .Where(method => AccessTable.Of(method) == Access.Anyone);
        Assert.Empty(open);
    }
}
