namespace Cluster.Raft.Replication;

/// <summary>Append messages without an answer, bounded in number and bytes.</summary>
internal sealed class InFlightWindow(int maxMessages, long maxBytes)
{
    private readonly Queue<(ulong LastIndex, long Bytes)> _messages = new();
    private long _bytes;

    public int Count => _messages.Count;

    public bool IsFull => _messages.Count >= maxMessages || _bytes >= maxBytes;

    public void Add(ulong lastIndex, long bytes)
    {
        _messages.Enqueue((lastIndex, bytes));
        _bytes += bytes;
    }

    public void FreeThrough(ulong index)
    {
        while (_messages.TryPeek(out var first) && first.LastIndex <= index)
        {
            _bytes -= first.Bytes;
            _messages.Dequeue();
        }
    }

    public void Clear()
    {
        _messages.Clear();
        _bytes = 0;
    }
}
