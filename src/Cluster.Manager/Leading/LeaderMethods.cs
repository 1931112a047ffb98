using System.Collections.Frozen;

namespace Cluster.Manager.Leading;

/// <summary>The methods that only the leader can answer. Each may be called twice with the effect of once, so a call is tried again when leadership moves.</summary>
internal static class LeaderMethods
{
    private static readonly FrozenSet<string> Methods = FrozenSet.ToFrozenSet(
        [
            "/cluster.v1.CertificateAuthority/IssueNodeCertificate",
            "/cluster.v1.Control/CreateService",
            "/cluster.v1.Control/DescribeAuthority",
            "/cluster.v1.Control/RemoveNode",
            "/cluster.v1.Control/RemoveService",
            "/cluster.v1.Control/RotateJoinToken",
            "/cluster.v1.Control/RotateRoot",
            "/cluster.v1.Control/RotateUnlockKey",
            "/cluster.v1.Control/UpdateCluster",
            "/cluster.v1.Control/UpdateNode",
            "/cluster.v1.Control/UpdateService",
            "/cluster.v1.Managers/Announce",
            "/cluster.v1.Managers/MarkNodeReady",
            "/cluster.v1.Managers/ReportSessions",
            "/cluster.v1.Managers/UpdateTaskStatuses",
        ],
        StringComparer.Ordinal);

    public static bool Contains(string method) => Methods.Contains(method);
}
