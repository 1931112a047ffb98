using System.Collections.Frozen;
using Cluster.Manager.Peers;

namespace Cluster.Manager.Security;

/// <summary>Every method that a manager serves and who may call it. A method that is not here is refused to everyone.</summary>
internal static class AccessTable
{
    private static readonly FrozenDictionary<string, Access> Methods = new Dictionary<string, Access>(StringComparer.Ordinal)
    {
        ["/cluster.v1.CertificateAuthority/GetRootCertificate"] = Access.Anyone,
        ["/cluster.v1.CertificateAuthority/IssueNodeCertificate"] = Access.Anyone,
        ["/cluster.v1.Dispatcher/Session"] = Access.Node,
        ["/cluster.v1.LogRelay/Publish"] = Access.Node,
        ["/cluster.v1.Health/Check"] = Access.Node,
        [PeerStreams.Method] = Access.Peer,
        ["/cluster.v1.RaftPeers/SendSnapshot"] = Access.Peer,
        ["/cluster.v1.Control/GetCluster"] = Access.Reader,
        ["/cluster.v1.Control/UpdateCluster"] = Access.Operator,
        ["/cluster.v1.Control/GetJoinTokens"] = Access.Operator,
        ["/cluster.v1.Control/RotateJoinToken"] = Access.Operator,
        ["/cluster.v1.Control/GetUnlockKey"] = Access.Operator,
        ["/cluster.v1.Control/RotateUnlockKey"] = Access.Operator,
        ["/cluster.v1.Control/IssueUserCertificate"] = Access.Operator,
        ["/cluster.v1.Control/RotateRoot"] = Access.Operator,
        ["/cluster.v1.Control/DescribeAuthority"] = Access.Reader,
        ["/cluster.v1.Control/GetNode"] = Access.Reader,
        ["/cluster.v1.Control/ListNodes"] = Access.Reader,
        ["/cluster.v1.Control/UpdateNode"] = Access.Operator,
        ["/cluster.v1.Control/RemoveNode"] = Access.Operator,
        ["/cluster.v1.Control/GetService"] = Access.Reader,
        ["/cluster.v1.Control/ListServices"] = Access.Reader,
        ["/cluster.v1.Control/CreateService"] = Access.Operator,
        ["/cluster.v1.Control/UpdateService"] = Access.Operator,
        ["/cluster.v1.Control/RemoveService"] = Access.Operator,
        ["/cluster.v1.Control/CreateBackup"] = Access.Operator,
        ["/cluster.v1.Control/GetTask"] = Access.Reader,
        ["/cluster.v1.Control/ListTasks"] = Access.Reader,
        ["/cluster.v1.Logs/SubscribeLogs"] = Access.Reader,
        ["/cluster.v1.Managers/Announce"] = Access.Manager,
        ["/cluster.v1.Managers/MarkNodeReady"] = Access.Manager,
        ["/cluster.v1.Managers/UpdateTaskStatuses"] = Access.Manager,
        ["/cluster.v1.Managers/ReportSessions"] = Access.Manager,
        ["/cluster.v1.Managers/ReadNodeLogs"] = Access.Manager,
        ["/cluster.v1.Managers/DescribeManager"] = Access.Reader,
        ["/cluster.v1.Watch/Watch"] = Access.Reader,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static Access? Of(string method) => Methods.TryGetValue(method, out Access access) ? access : null;
}
