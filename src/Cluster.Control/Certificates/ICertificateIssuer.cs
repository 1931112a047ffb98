using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Control.Certificates;

/// <summary>
/// Signs node certificates with the cluster's root: the real one in Manager, one without cryptography in the simulator. Called inside
/// a transaction, so it does no I/O: the real one gives what it has signed before, by the same command on a transaction that was thrown away.
/// </summary>
public interface ICertificateIssuer
{
    /// <param name="subjectPublicKeyInfoDer">The key that the caller has proved to hold.</param>
    /// <returns>The certificate, DER; empty when there is none for this: what was asked for has changed meanwhile.</returns>
    ImmutableArray<byte> Issue(ReadOnlySpan<byte> subjectPublicKeyInfoDer, NodeId node, NodeRole role, ClusterId cluster);
}
