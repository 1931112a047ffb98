using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Raft;
using Cluster.Raft.Messages;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Peers;

/// <summary>
/// The way to one member: a loop that holds a stream open and writes what Raft has queued, many messages in one frame. It comes back by
/// itself when the stream breaks, at once when the member shows that it is there.
/// </summary>
internal sealed partial class PeerLink(MemberId member, PeerOptions options, PeerBook book, RaftHost raft, ILogger<PeerLink> logger)
{
    /// <summary>A frame is sent when it is as long as this, or when nothing else waits.</summary>
    private const int FrameBytes = 256 << 10;

    /// <summary>Below the limit of a message of the server's.</summary>
    private const int MaxPieceBytes = 1 << 20;

    private static readonly TimeSpan AcceptTimeout = TimeSpan.FromSeconds(5);

    private readonly PeerQueue _queue = new();
    private readonly MessageWriter _writer = new();
    private readonly ReconnectDelay _delay = new(new Random(options.Random.Next()));
    private volatile TaskCompletionSource _nudge = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _problem;
    private volatile bool _isConnected;

    /// <summary>Why there is no way to the member at the moment; null when there is one, or it was not tried yet.</summary>
    public string? Problem => _problem;

    public bool IsConnected => _isConnected;

    /// <summary>Called on Raft's loop.</summary>
    public void Send(RaftMessage message) => _queue.Add(message);

    /// <summary>The member is there, or elsewhere than before: do not wait any longer. Any thread.</summary>
    public void Nudge() => _nudge.TrySetResult();

    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            _nudge = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            string? address = book.AddressOf(member);
            try
            {
                string reason = address is null ? "its address is not known yet" : await ServeAsync(address, ct);
                ct.ThrowIfCancellationRequested();
                await FailAsync(address, reason, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Sends until the stream breaks.</summary>
    /// <returns>Why it broke.</returns>
    private async Task<string> ServeAsync(string address, CancellationToken ct)
    {
        using CancellationTokenSource breaking = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await using RpcChannel channel = PeerChannels.Open(options, address);
            using AsyncClientStreamingCall<RaftFrame, RaftFrameResult> call = new RaftPeers.RaftPeersClient(channel).Exchange(cancellationToken: breaking.Token);
            Task<string> ended = WatchEndAsync(call, breaking);
            try
            {
                _queue.Open();
                await OpenAsync(call, breaking.Token);
                (_problem, _isConnected) = (null, true);
                LogConnected(logger, member.ToString(), address);
                _delay.Reset();
                await SendAllAsync(call.RequestStream, breaking.Token);
            }
            catch (TimeoutException)
            {
                await breaking.CancelAsync();
                await ended;
                return $"it did not answer within {AcceptTimeout.TotalSeconds:0} s";
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException)
            {
                await breaking.CancelAsync();
            }

            return await ended;
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // Whatever it was: the link has to come back.
            return e.Message;
        }
        finally
        {
            _isConnected = false;
        }
    }

    /// <summary>The call's response only comes with its end: notices it also while there is nothing to send.</summary>
    private static async Task<string> WatchEndAsync(AsyncClientStreamingCall<RaftFrame, RaftFrameResult> call, CancellationTokenSource breaking)
    {
        try
        {
            await call.ResponseAsync;
            return "it has ended the stream";
        }
        catch (RpcException e)
        {
            return e.Status.Detail;
        }
        finally
        {
            await breaking.CancelAsync();
        }
    }

    private async Task OpenAsync(AsyncClientStreamingCall<RaftFrame, RaftFrameResult> call, CancellationToken ct)
    {
        await call.RequestStream.WriteAsync(new RaftFrame { Header = PeerHeaders.Of(options, member) }, ct);
        Metadata headers = await call.ResponseHeadersAsync.WaitAsync(AcceptTimeout, options.TimeProvider, ct);
        if (headers.Get(PeerHeaders.Accepted) is null) await call.ResponseAsync.WaitAsync(AcceptTimeout, options.TimeProvider, ct);
    }

    private async Task SendAllAsync(IClientStreamWriter<RaftFrame> stream, CancellationToken ct)
    {
        while (await _queue.WaitAsync(ct))
        {
            _writer.Clear();
            while (_writer.WrittenCount < FrameBytes && _queue.TryTake(out RaftMessage? message)) _writer.Add(message);
            for (ReadOnlyMemory<byte> rest = _writer.Written; !rest.IsEmpty;)
            {
                ReadOnlyMemory<byte> piece = rest[..Math.Min(rest.Length, MaxPieceBytes)];
                rest = rest[piece.Length..];

                // Written when the call returns, so the buffer is free again.
                await stream.WriteAsync(new RaftFrame { Data = UnsafeByteOperations.UnsafeWrap(piece) }, ct);
            }
        }
    }

    private async Task FailAsync(string? address, string reason, CancellationToken ct)
    {
        _queue.CloseAndDrop();
        bool isNews = _problem != reason;
        _problem = reason;
        if (isNews) LogBroken(logger, member.ToString(), address ?? "?", reason);
        await raft.ReportUnreachableAsync(member, ct);
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(Task.Delay(_delay.Next(), options.TimeProvider, waiting.Token), _nudge.Task);
        await waiting.CancelAsync();
        ct.ThrowIfCancellationRequested();
    }
}
