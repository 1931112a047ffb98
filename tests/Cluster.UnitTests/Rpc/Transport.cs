namespace Cluster.UnitTests.Rpc;

/// <summary>What a test's calls go over.</summary>
public enum Transport
{
    PlainTcp,
    MutualTls,
    UnixSocket,
}
