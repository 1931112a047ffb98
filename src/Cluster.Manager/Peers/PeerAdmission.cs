using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Manager.Security;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Raft;
using Cluster.Rpc;
using Cluster.Rpc.Server;
using Grpc.Core;

namespace Cluster.Manager.Peers;

/// <summary>
/// Whether a call comes from a member of this group: what it says of itself against its certificate, this manager, the configuration and the
/// committed rows. A caller that nothing here knows is let in by its certificate while this manager hears no leader, knows no members, or follows
/// that caller: it may be the one that is behind. Any thread.
/// </summary>
internal sealed class PeerAdmission(PeerOptions options, PeerBook book, RaftHost raft, Authorizer authorizer)
{
    /// <summary>Who calls.</summary>
    /// <exception cref="RpcException">Refused; the detail says why.</exception>
    public MemberId Admit(PeerHeader? header, RpcPeer caller)
    {
        CertificateIdentity identity = authorizer.IdentityOf(caller)
            ?? throw Refused(StatusCode.Unauthenticated, "only a manager's certificate proves who calls");
        if (header is null) throw Refused(StatusCode.InvalidArgument, "the call does not say who calls whom");
        (MemberId from, MemberId to) = (new(header.From), new(header.To));
        if (header.ProtocolVersion != PeerHeaders.ProtocolVersion)
            throw Refused(StatusCode.FailedPrecondition, $"manager {from} speaks version {header.ProtocolVersion} of the managers' protocol, this one version {PeerHeaders.ProtocolVersion}");
        if (header.ClusterId != options.ClusterId.ToString())
            throw Refused(StatusCode.FailedPrecondition, $"manager {from} is of cluster {header.ClusterId}, this is cluster {options.ClusterId}");
        if (header.Incarnation != options.Incarnation)
        {
            throw Refused(StatusCode.FailedPrecondition,
                $"manager {from} is of incarnation {header.Incarnation} of the cluster, this is incarnation {options.Incarnation}: one of the two is from before a restore; it has to leave and join again");
        }

        if (to != options.Self) throw Refused(StatusCode.NotFound, $"this is manager {options.Self}, not {to}");
        if (from == options.Self || from.IsNone) throw Refused(StatusCode.InvalidArgument, $"a manager cannot call itself ({from})");
        CheckAddress(header.Address);
        CheckMember(from, identity);
        book.Heard(from, header.Address);
        return from;
    }

    /// <summary>Of a stream that is open: a member that was removed since.</summary>
    /// <exception cref="RpcException">It was removed.</exception>
    public void CheckNotRemoved(MemberId member)
    {
        if (raft.CommittedMembership.IsRemoved(member))
            throw Refused(StatusCode.PermissionDenied, $"manager {member} was removed from the cluster and is refused for ever: it has to leave and join again");
    }

    private void CheckMember(MemberId from, CertificateIdentity identity)
    {
        CheckNotRemoved(from);
        if (book.NodeOf(from) is { } node && node != identity.NodeId)
            throw Refused(StatusCode.PermissionDenied, $"manager {from} is node {node}, and the certificate is of node {identity.NodeId}");
        if (MayKnowMembers(from) && !raft.Membership.Contains(from) && book.NodeOf(from) is null)
            throw Refused(StatusCode.PermissionDenied, $"manager {from} takes no part in the cluster (yet, or any more)");
    }

    /// <summary>
    /// Whether this manager would know a member: one that joins knows nobody before it has the log or a snapshot, and whom it follows is one that it
    /// may not know yet.
    /// </summary>
    private bool MayKnowMembers(MemberId from) => !raft.Leader.IsNone && raft.Leader != from && !raft.Membership.Members.IsEmpty;

    private static void CheckAddress(string address)
    {
        try
        {
            if (RpcAddress.Parse(address).UnixPath is null) return;
        }
        catch (FormatException)
        {
            // Refused below.
        }

        throw Refused(StatusCode.InvalidArgument, $"'{address}' is no address to reach a manager at: host:port is expected");
    }

    private static RpcException Refused(StatusCode code, string reason) => new(new Status(code, reason));
}
