using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Raft;
using Cluster.Raft.Messages;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Peers;

/// <summary>What other managers call. Bad bytes end the call that brought them, nothing else.</summary>
internal sealed class PeerService(PeerAdmission admission, RaftHost raft, SnapshotReceiver snapshots) : RaftPeers.RaftPeersBase
{
    /// <summary>More than an entry may have, with its frame.</summary>
    private const int MaxMessageBytes = 32 << 20;

    private static readonly Metadata Accepted = new() { { PeerHeaders.Accepted, "1" } };

    public override async Task<RaftFrameResult> Exchange(IAsyncStreamReader<RaftFrame> requestStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken)) return new RaftFrameResult();
        MemberId from = admission.Admit(requestStream.Current.Header, context);
        await context.WriteResponseHeadersAsync(Accepted);
        MessageReader reader = new(MaxMessageBytes);
        List<RaftMessage> messages = [];
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            Read(reader, requestStream.Current.Data.Memory, messages);
            foreach (RaftMessage message in messages) await TakeAsync(from, message, context.CancellationToken);
            messages.Clear();

            // After what it said: a leader that has removed itself still hands over.
            admission.CheckNotRemoved(from);
        }

        return new RaftFrameResult();
    }

    public override Task SendSnapshot(IAsyncStreamReader<SnapshotPart> requestStream, IServerStreamWriter<SnapshotProgress> responseStream, ServerCallContext context) =>
        snapshots.ReceiveAsync(requestStream, responseStream, context);

    private static void Read(MessageReader reader, ReadOnlyMemory<byte> piece, List<RaftMessage> messages)
    {
        try
        {
            reader.Read(piece, messages);
        }
        catch (InvalidDataException e)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"a message of Raft's cannot be read: {e.Message}"));
        }
    }

    private ValueTask TakeAsync(MemberId from, RaftMessage message, CancellationToken ct)
    {
        if (message.From != from) throw new RpcException(new Status(StatusCode.InvalidArgument, $"manager {from} has sent a message of {message.From}"));
        if (message is InstallSnapshot) throw new RpcException(new Status(StatusCode.InvalidArgument, "a snapshot comes by a call of its own"));
        return raft.ReceiveAsync(message, ct);
    }
}
