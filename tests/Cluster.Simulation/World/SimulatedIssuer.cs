using System.Collections.Immutable;
using Cluster.Control.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.States;

namespace Cluster.Simulation.World;

/// <summary>Certificates without cryptography: the key itself.</summary>
internal sealed class SimulatedIssuer : ICertificateIssuer
{
    public ImmutableArray<byte> Issue(ReadOnlySpan<byte> subjectPublicKeyInfoDer, NodeId node, NodeRole role, ClusterId cluster) => [.. subjectPublicKeyInfoDer];
}
