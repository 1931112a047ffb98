using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Raft;
using Cluster.Raft.Messages;
using Cluster.Rpc.Server;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Peers;

/// <summary>
/// The receiving end of other managers' streams. What arrives is given to Raft on the thread that has read it. Bad bytes end the stream that brought
/// them, nothing else; the caller is told why.
/// </summary>
internal sealed class PeerStreamService(PeerAdmission admission, RaftHost raft, TimeProvider timeProvider)
{
    /// <summary>More than an entry may have, with its frame.</summary>
    private const int MaxMessageBytes = 32 << 20;

    private const int ReadBytes = 64 << 10;

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    public RpcProtocol Protocol => new(PeerStreams.Protocol, PeerStreams.Method, ServeAsync);

    private async Task ServeAsync(RpcConnection connection)
    {
        string refusal;
        try
        {
            if (connection.Verdict.StatusCode != StatusCode.OK) throw new RpcException(connection.Verdict);
            PeerHeader? header = await PeerStreams.ReadFrameAsync(connection.Stream, PeerHeader.Parser, connection.Ended);
            MemberId from = admission.Admit(header, connection.Peer);
            await PeerStreams.WriteFrameAsync(connection.Stream, new StreamAnswer { Accepted = true }, connection.Ended);
            await ReceiveAsync(from, connection.Stream, connection.Ended);
            return;
        }
        catch (RpcException e)
        {
            refusal = e.Status.Detail;
        }
        catch (InvalidDataException e)
        {
            refusal = $"a message of Raft's cannot be read: {e.Message}";
        }

        await PeerStreams.WriteFrameAsync(connection.Stream, new StreamAnswer { Refusal = refusal }, connection.Ended);
        await DrainAsync(connection);
    }

    /// <summary>A connection that is closed with bytes unread is reset, and the reset may overtake the answer: the caller is left to hang up.</summary>
    private async Task DrainAsync(RpcConnection connection)
    {
        using CancellationTokenSource patience = new(DrainTime, timeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.Ended);
        byte[] buffer = new byte[ReadBytes];
        while (await connection.Stream.ReadAsync(buffer, either.Token) > 0)
        {
        }
    }

    private async Task ReceiveAsync(MemberId from, Stream stream, CancellationToken ct)
    {
        MessageReader reader = new(MaxMessageBytes);
        List<RaftMessage> messages = [];
        byte[] buffer = new byte[ReadBytes];
        for (int count; (count = await stream.ReadAsync(buffer, ct)) > 0;)
        {
            // Entries refer to these bytes for as long as the log holds them.
            reader.Read(buffer.AsSpan(0, count).ToArray(), messages);
            for (int i = 0; i < messages.Count; i++) await TakeAsync(from, messages[i], ct);
            messages.Clear();

            // After what it said: a leader that has removed itself still hands over.
            admission.CheckNotRemoved(from);
        }
    }

    private ValueTask TakeAsync(MemberId from, RaftMessage message, CancellationToken ct)
    {
        if (message.From != from) throw new InvalidDataException($"manager {from} has sent a message of {message.From}");
        if (message is InstallSnapshot) throw new InvalidDataException("a snapshot comes by a call of its own");
        return raft.ReceiveAsync(message, ct);
    }
}
