using Cluster.Model.Certificates;
using Cluster.Model.States;

namespace Cluster.Manager.Security;

/// <summary>Who calls: root on this machine, a node that proved its identity, or nobody in particular.</summary>
internal sealed record Caller(bool IsLocal, CertificateIdentity? Identity)
{
    public static readonly Caller Local = new(IsLocal: true, Identity: null);

    public static readonly Caller Anonymous = new(IsLocal: false, Identity: null);

    public bool IsManager => Identity?.Role == NodeRole.Manager;

    /// <summary>What the log says about who asked for a change.</summary>
    public string Actor => IsLocal ? "local" : Identity is null ? "anonymous" : $"node:{Identity.NodeId}";
}
