using System.Threading.Channels;
using Cluster.Raft;
using Cluster.Raft.Messages;

namespace Cluster.Manager.Peers;

/// <summary>
/// Messages on their way to one member, bounded by bytes: one more than fits is dropped, and Raft says it again. Closed while there is no
/// way to the member, because what waits then is outdated when there is one. Added to in Raft's turn, read by who has the right to write.
/// </summary>
internal sealed class PeerQueue
{
    /// <summary>Twice what Raft sends without an answer.</summary>
    private const long MaxBytes = 32L << 20;

    /// <summary>What a message counts beside its entries.</summary>
    private const int MessageBytes = 128;

    // The bytes are the bound.
    private readonly Channel<(RaftMessage Message, long Bytes)> _messages =
        Channel.CreateUnbounded<(RaftMessage, long)>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private long _bytes;
    private volatile bool _isOpen = true;

    public void Add(RaftMessage message)
    {
        if (!_isOpen) return;
        long bytes = SizeOf(message);
        if (Interlocked.Add(ref _bytes, bytes) > MaxBytes)
        {
            Interlocked.Add(ref _bytes, -bytes);
            return;
        }

        _messages.Writer.TryWrite((message, bytes));
    }

    public bool IsEmpty => Bytes == 0;

    public long Bytes => Volatile.Read(ref _bytes);

    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RaftMessage? message)
    {
        bool isTaken = _messages.Reader.TryRead(out (RaftMessage Message, long Bytes) item);
        if (isTaken) Interlocked.Add(ref _bytes, -item.Bytes);
        message = item.Message;
        return isTaken;
    }

    public void Open() => _isOpen = true;

    public void CloseAndDrop()
    {
        _isOpen = false;
        while (TryTake(out _))
        {
        }
    }

    private static long SizeOf(RaftMessage message)
    {
        long bytes = MessageBytes;
        if (message is not AppendRequest append) return bytes;
        IReadOnlyList<LogEntry> entries = append.Entries;
        for (int i = 0; i < entries.Count; i++) bytes += entries[i].Size;
        return bytes;
    }
}
