using Xunit;

namespace Cluster.LabTests.Containers;

/// <summary>The tests that share one containerd.</summary>
[CollectionDefinition(Name)]
public sealed class EngineCollection : ICollectionFixture<EngineFixture>
{
    public const string Name = "container engine";
}
