using Cluster.Api.V1;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Peers;

/// <summary>What other managers call; their streams of messages are <see cref="PeerStreamService"/>'s.</summary>
internal sealed class PeerService(SnapshotReceiver snapshots) : RaftPeers.RaftPeersBase
{
    public override Task SendSnapshot(IAsyncStreamReader<SnapshotPart> requestStream, IServerStreamWriter<SnapshotProgress> responseStream, ServerCallContext context) =>
        snapshots.ReceiveAsync(requestStream, responseStream, context);
}
