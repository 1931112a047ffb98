using System.Collections.Concurrent;
using Cluster.Manager.Hosting;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;
using Cluster.Raft.Storage;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Peers;

/// <summary>
/// Sends Raft's messages to the other members: a link to each of them, made when Raft names it and ended when it takes no part any more, and a
/// transfer of its own for a snapshot. <see cref="Send"/> and <see cref="Follow"/> are called in Raft's turns and never wait.
/// </summary>
internal sealed class PeerTransport : IRaftTransport, IAsyncDisposable
{
    /// <summary>
    /// So long a notice of a commit waits for a message that has to go: under load the next entries take it along, which spares both ends a wake-up.
    /// Nobody who asked waits for it: the answer to a read is such a message.
    /// </summary>
    private static readonly TimeSpan NoticeDelay = TimeSpan.FromMilliseconds(5);

    private readonly PeerOptions _options;
    private readonly PeerBook _book;
    private readonly IRaftStorage _storage;
    private readonly ILoggerFactory _loggers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<MemberId, Running<PeerLink>> _links = new();
    private readonly Dictionary<MemberId, Running<SnapshotSender>> _snapshots = [];
    private readonly List<Task> _ending = [];

    // The links, to walk over in Raft's turn, where it is changed, and by the timer.
    private volatile PeerLink[] _active = [];
    private readonly ITimer _noticeTimer;
    private int _isNoticeTimerSet;
    private readonly object _lock = new();
    private RaftHost? _raft;
    private Membership _membership = Membership.Empty;

    public PeerTransport(PeerOptions options, PeerBook book, IRaftStorage storage, ILoggerFactory loggers)
    {
        (_options, _book, _storage, _loggers) = (options, book, storage, loggers);
        book.Seen += OnSeen;
        _noticeTimer = options.TimeProvider.CreateTimer(_ => SendNotices(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Names the host that is told of broken ways; before it runs.</summary>
    public void Attach(RaftHost raft) => _raft = raft;

    public void Send(IReadOnlyList<RaftMessage> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is InstallSnapshot install) StartSnapshot(install);
            else LinkTo(messages[i].To)?.Add(messages[i]);
        }

        bool isAllSent = true;
        foreach (PeerLink link in _active) isAllSent &= link.Send();
        if (!isAllSent && Interlocked.Exchange(ref _isNoticeTimerSet, 1) == 0) _noticeTimer.Change(NoticeDelay, Timeout.InfiniteTimeSpan);
    }

    public void Follow(Membership membership)
    {
        _membership = membership;

        // A connection takes a while: it should be there before the first vote is asked for.
        foreach (MemberId member in membership.Members) LinkTo(member);
        foreach (MemberId member in _links.Keys.Where(member => !membership.Contains(member)))
        {
            if (_links.TryRemove(member, out Running<PeerLink>? link)) End(link);
        }

        _active = [.. _links.Values.Select(link => link.Subject)];

        lock (_lock)
        {
            foreach (MemberId member in _snapshots.Keys.Where(member => !membership.Contains(member)).ToList())
            {
                _snapshots.Remove(member, out Running<SnapshotSender>? snapshot);
                End(snapshot!);
            }
        }
    }

    /// <summary>Any thread.</summary>
    public IReadOnlyList<PeerStatus> Describe() =>
    [
        .. _links.OrderBy(link => link.Key)
            .Select(link => new PeerStatus(link.Key, _book.AddressOf(link.Key) ?? "", link.Value.Subject.IsConnected, link.Value.Subject.Problem)),
    ];

    public async ValueTask DisposeAsync()
    {
        _book.Seen -= OnSeen;
        await _noticeTimer.DisposeAsync();
        await _stopping.CancelAsync();
        List<Task> running;
        lock (_lock) running = [.. _ending, .. _snapshots.Values.Select(snapshot => snapshot.Task), .. _links.Values.Select(link => link.Task)];
        await Task.WhenAll(running);
        foreach (Running<PeerLink> link in _links.Values) link.Stopping.Dispose();
        foreach (Running<SnapshotSender> snapshot in _snapshots.Values) snapshot.Stopping.Dispose();
        _stopping.Dispose();
    }

    private void SendNotices()
    {
        // First, so that what is queued from now on sets it again.
        Interlocked.Exchange(ref _isNoticeTimerSet, 0);
        foreach (PeerLink link in _active) link.Flush();
    }

    private void OnSeen(MemberId member)
    {
        if (_links.TryGetValue(member, out Running<PeerLink>? link)) link.Subject.Nudge();
        lock (_lock)
        {
            if (_snapshots.TryGetValue(member, out Running<SnapshotSender>? snapshot)) snapshot.Subject.Nudge();
        }
    }

    /// <summary>
    /// One that the configuration here does not know (yet) gets a link too: a member that lags is asked for its vote by those who are ahead. Their
    /// number is bounded by what the book remembers.
    /// </summary>
    private PeerLink? LinkTo(MemberId member)
    {
        if (_links.TryGetValue(member, out Running<PeerLink>? known)) return known.Subject;
        if (member == _options.Self || _stopping.IsCancellationRequested || (!_membership.Contains(member) && _book.AddressOf(member) is null)) return null;
        PeerLink link = new(member, _options, _book, _raft!, _loggers.CreateLogger<PeerLink>());
        _links[member] = Start(link, link.RunAsync);
        _active = [.. _active, link];
        return link;
    }

    /// <summary>A newer message takes the place of the one before: what was sent for that stays sent, when it is the same snapshot.</summary>
    private void StartSnapshot(InstallSnapshot install)
    {
        if (_stopping.IsCancellationRequested) return;
        SnapshotSender sender = new(install, _options, _book, _storage, _raft!, _loggers.CreateLogger<SnapshotSender>());
        lock (_lock)
        {
            Task before = Task.CompletedTask;
            if (_snapshots.Remove(install.To, out Running<SnapshotSender>? older)) before = EndAsync(older);
            _snapshots[install.To] = Start(sender, async ct =>
            {
                await before;
                await sender.RunAsync(ct);
            });
        }
    }

    private Running<T> Start<T>(T subject, Func<CancellationToken, Task> run)
    {
        CancellationTokenSource stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        return new Running<T>(subject, stopping, Task.Run(() => run(stopping.Token), CancellationToken.None));
    }

    private void End<T>(Running<T> running)
    {
        Task ending = EndAsync(running);
        lock (_lock)
        {
            _ending.RemoveAll(task => task.IsCompleted);
            _ending.Add(ending);
        }
    }

    private static async Task EndAsync<T>(Running<T> running)
    {
        await running.Stopping.CancelAsync();
        await running.Task;
        running.Stopping.Dispose();
    }

    private sealed record Running<T>(T Subject, CancellationTokenSource Stopping, Task Task);
}
