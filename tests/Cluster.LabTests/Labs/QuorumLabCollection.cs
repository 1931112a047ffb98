using Xunit;

namespace Cluster.LabTests.Labs;

/// <summary>The tests that share a lab of three managers and two workers.</summary>
[CollectionDefinition(Name)]
public sealed class QuorumLabCollection : ICollectionFixture<QuorumLabFixture>
{
    public const string Name = "quorum lab";
}
