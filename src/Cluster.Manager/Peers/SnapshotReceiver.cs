using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Raft;
using Cluster.Raft.Messages;
using Cluster.Raft.Storage;
using Cluster.Rpc.Server;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Peers;

/// <summary>
/// Takes in snapshots, one at a time: the newest call ends the one before. What a call that was cut has brought is kept, so that the next
/// one of the same sender, for the same snapshot, goes on behind it. What must hold: Raft hears of a snapshot only when all of it is in place
/// and synced.
/// </summary>
internal sealed partial class SnapshotReceiver(PeerAdmission admission, IRaftStorage storage, RaftHost raft, ILogger<SnapshotReceiver> logger) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly object _lock = new();
    private CancellationTokenSource? _current;
    private PartialSnapshot? _partial;

    public async Task ReceiveAsync(IAsyncStreamReader<SnapshotPart> parts, IServerStreamWriter<SnapshotProgress> progress, ServerCallContext context)
    {
        if (!await parts.MoveNext(context.CancellationToken) || parts.Current.Offer is not { } offer) throw Refused("the call begins with no offer");
        MemberId from = admission.Admit(offer.Header, context.GetRpcPeer());
        InstallSnapshot install = Read(offer, from);
        using CancellationTokenSource mine = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        CancellationTokenSource? before;
        lock (_lock) (before, _current) = (_current, mine);
        if (before is not null) await CancelAsync(before);
        await _turn.WaitAsync(mine.Token);
        try
        {
            await TakeAsync(install, offer.Length, parts, progress, mine.Token);
        }
        catch (RaftStorageException e)
        {
            // What of it is on the disk is not known: the next one begins anew.
            Drop();
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"snapshot: {e.Message}"));
        }
        finally
        {
            lock (_lock)
            {
                if (_current == mine) _current = null;
            }

            _turn.Release();
        }
    }

    /// <summary>When no call is served any more.</summary>
    public void Dispose()
    {
        Drop();
        _turn.Dispose();
    }

    private void Drop()
    {
        _partial?.Dispose();
        _partial = null;
    }

    private async Task TakeAsync(
        InstallSnapshot install, ulong length, IAsyncStreamReader<SnapshotPart> parts, IServerStreamWriter<SnapshotProgress> progress, CancellationToken ct)
    {
        if (_partial?.IsOf(install, length) != true)
        {
            Drop();
            _partial = new PartialSnapshot(install, length, storage.CreateSnapshot(install.Snapshot));
        }

        LogBegins(logger, install.Snapshot.Index, install.From.ToString(), _partial.Received, length);
        await progress.WriteAsync(new SnapshotProgress { Offset = _partial.Received }, ct);
        while (_partial.Received < length)
        {
            if (!await parts.MoveNext(ct)) throw Refused($"the content ends after {_partial.Received} of {length} bytes");
            Add(_partial, parts.Current.Chunk);
        }

        Finish();
        await raft.ReceiveAsync(install, ct);
        await progress.WriteAsync(new SnapshotProgress { Offset = length, Installed = true }, ct);
    }

    private static void Add(PartialSnapshot partial, SnapshotChunk? chunk)
    {
        if (chunk is null) throw Refused("a chunk is expected");
        if (chunk.Offset != partial.Received) throw Refused($"a chunk at {chunk.Offset} does not follow {partial.Received} bytes");
        if (chunk.Data.IsEmpty || (ulong)chunk.Data.Length > partial.Length - partial.Received) throw Refused($"a chunk of {chunk.Data.Length} bytes does not fit in what is left");
        if (ChunkChecksum.Of(chunk.Data.Span) != chunk.Checksum) throw Refused($"the chunk at {chunk.Offset} is damaged");
        partial.Add(chunk.Data.Span);
    }

    private void Finish()
    {
        // Whatever comes of it, it is not gone on with.
        using PartialSnapshot whole = _partial!;
        _partial = null;
        whole.Commit();
    }

    private static InstallSnapshot Read(SnapshotOffer offer, MemberId from)
    {
        try
        {
            RaftMessage message = RaftMessageCodec.Decode(offer.Message.Memory);
            if (message is InstallSnapshot install && message.From == from && offer.Length > 0) return install;
        }
        catch (InvalidDataException)
        {
            // Refused below.
        }

        throw Refused("the offer is not of a snapshot of the sender's");
    }

    private static async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    private static RpcException Refused(string reason) => new(new Status(StatusCode.InvalidArgument, $"snapshot: {reason}"));

    [LoggerMessage(Level = LogLevel.Information, Message = "Receiving the snapshot at index {Index} from manager {Member}: {Received} of {Length} bytes are here")]
    private static partial void LogBegins(ILogger logger, ulong index, string member, ulong received, ulong length);
}
