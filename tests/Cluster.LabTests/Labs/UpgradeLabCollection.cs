using Xunit;

namespace Cluster.LabTests.Labs;

/// <summary>The tests that share a lab whose programs are replaced.</summary>
[CollectionDefinition(Name)]
public sealed class UpgradeLabCollection : ICollectionFixture<UpgradeLabFixture>
{
    public const string Name = "upgrade lab";
}
