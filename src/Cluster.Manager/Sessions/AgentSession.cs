using System.Collections.Immutable;
using System.Threading.Channels;
using Cluster.Api.V1;
using Cluster.Model.Ids;

namespace Cluster.Manager.Sessions;

/// <summary>One agent's open stream, seen from the rest of the manager: what to send next, that its node changed, and that it must end.</summary>
internal sealed class AgentSession(NodeId nodeId, string id) : IDisposable
{
    private const int MaxQueuedMessages = 256;

    private readonly CancellationTokenSource _ended = new();
    private readonly Channel<ManagerMessage> _outgoing = Channel.CreateBounded<ManagerMessage>(new BoundedChannelOptions(MaxQueuedMessages) { SingleReader = true });
    private int _assignmentsDirty = 1;
    private Inventory? _inventory;
    private long _clockSkewTicks = long.MinValue;

    public NodeId NodeId => nodeId;

    public string Id => id;

    /// <summary>Cancelled when another session of the node replaced this one, or the manager stopped serving it.</summary>
    public CancellationToken Ended => _ended.Token;

    public ChannelReader<ManagerMessage> Outgoing => _outgoing.Reader;

    /// <summary>How far the agent's clock was ahead of this manager's at its last heartbeat; null: it has not told yet.</summary>
    public TimeSpan? ClockSkew
    {
        get => Interlocked.Read(ref _clockSkewTicks) is var ticks and not long.MinValue ? new TimeSpan(ticks) : null;
        set => Interlocked.Exchange(ref _clockSkewTicks, value?.Ticks ?? long.MinValue);
    }

    /// <summary>A session that does not take its messages is ended: its agent comes back and resumes.</summary>
    public bool TrySend(ManagerMessage message)
    {
        if (_outgoing.Writer.TryWrite(message)) return true;
        End();
        return false;
    }

    /// <summary>The node's tasks changed. Costs nothing when that is known already.</summary>
    public void MarkAssignmentsDirty()
    {
        // The wake-up carries nothing: what is sent is read from the newest committed state when the writer gets there.
        if (Interlocked.Exchange(ref _assignmentsDirty, 1) == 0) _outgoing.Writer.TryWrite(Wake);
    }

    public bool TakeAssignmentsDirty() => Interlocked.Exchange(ref _assignmentsDirty, 0) == 1;

    /// <summary>What the agent says that it holds; wakes the writer.</summary>
    public void GiveInventory(ImmutableArray<(TaskId TaskId, ImmutableArray<byte> Digest)> items)
    {
        Volatile.Write(ref _inventory, new Inventory(items));
        _outgoing.Writer.TryWrite(Wake);
    }

    public ImmutableArray<(TaskId TaskId, ImmutableArray<byte> Digest)>? TakeInventory() => Interlocked.Exchange(ref _inventory, null)?.Items;

    public void End()
    {
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself at the same moment.
        }
    }

    public void Dispose() => _ended.Dispose();

    /// <summary>Not sent: only wakes the writer.</summary>
    public static readonly ManagerMessage Wake = new();

    private sealed record Inventory(ImmutableArray<(TaskId TaskId, ImmutableArray<byte> Digest)> Items);
}
