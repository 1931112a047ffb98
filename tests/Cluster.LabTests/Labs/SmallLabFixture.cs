namespace Cluster.LabTests.Labs;

/// <summary>One manager and two workers: the smallest cluster in which a node can be lost.</summary>
public sealed class SmallLabFixture() : LabFixture(managers: 1, workers: 2);
