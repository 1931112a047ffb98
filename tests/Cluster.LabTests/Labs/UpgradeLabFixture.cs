namespace Cluster.LabTests.Labs;

/// <summary>Three managers and a worker that end with other programs than they began with: nobody else uses them.</summary>
public sealed class UpgradeLabFixture() : LabFixture(managers: 3, workers: 1);
