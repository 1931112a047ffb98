using System.Security.Authentication;
using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Raft.Messages;
using Cluster.Raft.Storage;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Peers;

/// <summary>
/// Brings one snapshot to one member, over a connection of its own so that heartbeats do not wait behind it. A transfer that is cut goes on
/// where the receiver is; one that gets nowhere several times in a row is given up, and Raft starts over with what is newest then.
/// </summary>
internal sealed partial class SnapshotSender(
    InstallSnapshot install, PeerOptions options, PeerBook book, IRaftStorage storage, RaftHost raft, ILogger<SnapshotSender> logger)
{
    public const int ChunkBytes = 256 << 10;

    private const int MaxFruitlessAttempts = 10;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private readonly ReconnectDelay _delay = new(new Random(options.Random.Next()));
    private volatile TaskCompletionSource _nudge = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _reached = -1;
    private string? _toldReason;

    /// <summary>The member is there, or elsewhere than before. Any thread.</summary>
    public void Nudge() => _nudge.TrySetResult();

    /// <summary>Ends with a report to Raft; without one when it is cancelled, because Raft has forgotten it then or has sent another.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            bool succeeded = await TransferAsync(ct);
            if (succeeded) LogSent(logger, install.Snapshot.Index, install.To.ToString());
            await raft.ReportSnapshotAsync(install.To, succeeded, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Nothing to report.
        }
        catch (Exception e)
        {
            // Raft sends nothing else to the member before it has heard how this ended.
            LogFailed(logger, install.Snapshot.Index, install.To.ToString(), e);
            await raft.ReportSnapshotAsync(install.To, succeeded: false, CancellationToken.None);
        }
    }

    private async Task<bool> TransferAsync(CancellationToken ct)
    {
        try
        {
            // Stays open: a later snapshot may replace it while it is on its way.
            await using Stream content = storage.OpenSnapshot(install.Snapshot);
            for (int fruitless = 0; fruitless < MaxFruitlessAttempts;)
            {
                _nudge = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                long before = _reached;
                if (await TryAsync(content, ct)) return true;
                if (_reached > before)
                {
                    fruitless = 0;
                    _delay.Reset();
                }
                else
                {
                    fruitless++;
                }

                await PauseAsync(ct);
            }
        }
        catch (RaftStorageException e)
        {
            TellOfCut(e.Message);
        }

        return false;
    }

    private async Task<bool> TryAsync(Stream content, CancellationToken ct)
    {
        if (book.AddressOf(install.To) is not { } address) return false;
        using CancellationTokenSource attempt = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await using RpcChannel channel = PeerChannels.Open(options, address);
            using AsyncDuplexStreamingCall<SnapshotPart, SnapshotProgress> call = new RaftPeers.RaftPeersClient(channel).SendSnapshot(cancellationToken: attempt.Token);
            SnapshotOffer offer = new()
            {
                Header = PeerHeaders.Of(options, install.To),
                Message = ByteString.CopyFrom(RaftMessageCodec.Encode(install)),
                Length = (ulong)content.Length,
            };
            await call.RequestStream.WriteAsync(new SnapshotPart { Offer = offer }, attempt.Token);
            SnapshotProgress first = await NextAsync(call, attempt.Token);
            if (first.Offset > (ulong)content.Length) throw new InvalidDataException($"it has {first.Offset} of {content.Length} bytes");
            content.Position = _reached = (long)first.Offset;
            await SendChunksAsync(call.RequestStream, content, attempt.Token);
            await call.RequestStream.CompleteAsync();
            return (await NextAsync(call, attempt.Token)).Installed;
        }
        catch (Exception e) when (IsEnvironmental(e))
        {
            ct.ThrowIfCancellationRequested();
            TellOfCut(e is RpcException rpc ? rpc.Status.Detail : e.Message);
            return false;
        }
        finally
        {
            await attempt.CancelAsync();
        }
    }

    /// <summary>Each attempt may fail for the same reason: it is news once.</summary>
    private void TellOfCut(string reason)
    {
        if (reason == _toldReason) return;
        _toldReason = reason;
        LogCut(logger, install.Snapshot.Index, install.To.ToString(), reason);
    }

    private static bool IsEnvironmental(Exception e) =>
        e is RpcException or OperationCanceledException or TimeoutException or IOException or AuthenticationException or FormatException or InvalidDataException;

    private static async Task SendChunksAsync(IClientStreamWriter<SnapshotPart> stream, Stream content, CancellationToken ct)
    {
        byte[] buffer = new byte[ChunkBytes];
        while (content.Position < content.Length)
        {
            ulong offset = (ulong)content.Position;
            int count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
            SnapshotChunk chunk = new()
            {
                Offset = offset,
                Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)),
                Checksum = ChunkChecksum.Of(buffer.AsSpan(0, count)),
            };
            await stream.WriteAsync(new SnapshotPart { Chunk = chunk }, ct);
        }
    }

    private async Task<SnapshotProgress> NextAsync(AsyncDuplexStreamingCall<SnapshotPart, SnapshotProgress> call, CancellationToken ct)
    {
        bool isThere = await call.ResponseStream.MoveNext(ct).WaitAsync(AnswerTimeout, options.TimeProvider, ct);
        return isThere ? call.ResponseStream.Current : throw new InvalidDataException("it has ended the transfer");
    }

    private async Task PauseAsync(CancellationToken ct)
    {
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(Task.Delay(_delay.Next(), options.TimeProvider, waiting.Token), _nudge.Task);
        await waiting.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Sent the snapshot at index {Index} to manager {Member}")]
    private static partial void LogSent(ILogger logger, ulong index, string member);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot at index {Index} is not with manager {Member} yet: {Reason}")]
    private static partial void LogCut(ILogger logger, ulong index, string member, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Sending the snapshot at index {Index} to manager {Member} failed unexpectedly")]
    private static partial void LogFailed(ILogger logger, ulong index, string member, Exception error);
}
