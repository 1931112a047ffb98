using Xunit;

namespace Cluster.LabTests.Labs;

/// <summary>The tests that share a lab of one manager and two workers.</summary>
[CollectionDefinition(Name)]
public sealed class SmallLabCollection : ICollectionFixture<SmallLabFixture>
{
    public const string Name = "small lab";
}
