using System.Collections.Immutable;
using Cluster.Model.Ids;
using Cluster.Model.States;
using Google.Protobuf;
using V1 = Cluster.Api.V1;

namespace Cluster.Node.Keys;

/// <summary>The content of the key store.</summary>
internal static class NodeKeysCodec
{
    public static Api.Storage.NodeKeys ToStored(NodeKeys keys)
    {
        Api.Storage.NodeKeys stored = new()
        {
            ClusterId = keys.ClusterId.ToString(),
            NodeId = keys.NodeId.ToString(),
            Role = keys.Role == NodeRole.Manager ? V1.NodeRole.Manager : V1.NodeRole.Worker,
            RootCertificateDer = ByteString.CopyFrom(keys.RootCertificateDer.AsSpan()),
            PrivateKeyPkcs8 = ByteString.CopyFrom(keys.PrivateKeyPkcs8.AsSpan()),
            ListenAddress = keys.ListenAddress,
            AdvertiseAddress = keys.AdvertiseAddress,
            NextRootCertificateDer = ByteString.CopyFrom(keys.NextRootCertificateDer.AsSpan()),
            RootGeneration = keys.RootGeneration,
        };
        stored.CertificateChainDer.Add(keys.CertificateChainDer.Select(der => ByteString.CopyFrom(der.AsSpan())));
        stored.Managers.Add(keys.Managers);
        if (keys.Manager is { } manager)
        {
            stored.RaftMemberId = manager.RaftMemberId;
            stored.Incarnation = manager.Incarnation;
            stored.RaftDataKey = ByteString.CopyFrom(manager.DataKey.AsSpan());
            stored.OlderRaftDataKeys.Add(manager.OlderDataKeys.Select(key => ByteString.CopyFrom(key.AsSpan())));
            stored.LockGeneration = manager.LockGeneration;
        }

        return stored;
    }

    public static NodeKeys ToModel(Api.Storage.NodeKeys stored) => new()
    {
        ClusterId = ClusterId.Parse(stored.ClusterId),
        NodeId = NodeId.Parse(stored.NodeId),
        Role = stored.Role == V1.NodeRole.Manager ? NodeRole.Manager : NodeRole.Worker,
        RootCertificateDer = [.. stored.RootCertificateDer.Span],
        NextRootCertificateDer = [.. stored.NextRootCertificateDer.Span],
        RootGeneration = stored.RootGeneration,
        CertificateChainDer = [.. stored.CertificateChainDer.Select(der => ImmutableArray.Create(der.Span))],
        PrivateKeyPkcs8 = [.. stored.PrivateKeyPkcs8.Span],
        Managers = [.. stored.Managers],
        ListenAddress = stored.ListenAddress,
        AdvertiseAddress = stored.AdvertiseAddress,
        Manager = stored.Role != V1.NodeRole.Manager ? null : new ManagerKeys
        {
            RaftMemberId = stored.RaftMemberId,
            Incarnation = stored.Incarnation,
            DataKey = [.. stored.RaftDataKey.Span],
            OlderDataKeys = [.. stored.OlderRaftDataKeys.Select(key => ImmutableArray.Create(key.Span))],
            LockGeneration = stored.LockGeneration,
        },
    };
}
