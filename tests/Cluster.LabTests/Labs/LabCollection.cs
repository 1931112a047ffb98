using Xunit;

namespace Cluster.LabTests.Labs;

/// <summary>The tests that share one lab.</summary>
[CollectionDefinition(Name)]
public sealed class LabCollection : ICollectionFixture<LabFixture>
{
    public const string Name = "lab";
}
