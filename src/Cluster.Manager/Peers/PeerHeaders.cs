using Cluster.Api.V1;
using Cluster.Raft;

namespace Cluster.Manager.Peers;

/// <summary>What a call between managers begins with.</summary>
internal static class PeerHeaders
{
    public const uint ProtocolVersion = 1;

    public static PeerHeader Of(PeerOptions options, MemberId to) => new()
    {
        ProtocolVersion = ProtocolVersion,
        ClusterId = options.ClusterId.ToString(),
        Incarnation = options.Incarnation,
        From = options.Self.Value,
        To = to.Value,
        Address = options.AdvertiseAddress,
    };
}
