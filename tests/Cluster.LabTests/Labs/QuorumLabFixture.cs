namespace Cluster.LabTests.Labs;

/// <summary>Three managers and two workers: the smallest cluster in which a manager can be lost.</summary>
public sealed class QuorumLabFixture() : LabFixture(managers: 3, workers: 2);
