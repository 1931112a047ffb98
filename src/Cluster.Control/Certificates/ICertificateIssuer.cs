using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Control.Certificates;

/// <summary>
/// Signs node certificates with the cluster's root: the real one in Manager, one without cryptography in the simulator. Called inside
/// a transaction, so it does no I/O.
/// </summary>
public interface ICertificateIssuer
{
    /// <param name="subjectPublicKeyInfoDer">The key that the caller has proved to hold.</param>
    /// <returns>The certificate, DER.</returns>
    ImmutableArray<byte> Issue(ReadOnlySpan<byte> subjectPublicKeyInfoDer, NodeId node, NodeRole role, ClusterId cluster);
}
