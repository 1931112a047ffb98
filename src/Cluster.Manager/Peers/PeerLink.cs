using Cluster.Manager.Hosting;
using Cluster.Raft;
using Cluster.Raft.Messages;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Peers;

/// <summary>
/// The way to one member: holds a stream open and writes what Raft has queued, many messages in one write. A little is written by the thread that
/// brings it, which spares waking another; what does not go out at once is left to the link's loop. It comes back by itself when the stream
/// breaks, at once when the member shows that it is there. What must hold: one thread at a time writes.
/// </summary>
internal sealed partial class PeerLink(MemberId member, PeerOptions options, PeerBook book, RaftHost raft, ILogger<PeerLink> logger)
{
    /// <summary>A write is begun when so much has gathered, or when nothing else waits.</summary>
    private const int WriteBytes = 256 << 10;

    /// <summary>More than this is the loop's work: Raft's turn must not be held up.</summary>
    private const long MaxBytesOnTheSpot = 32 << 10;

    /// <summary>A member that takes nothing for so long is not there, whatever its machine says.</summary>
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(5);

    private readonly PeerQueue _queue = new();
    private readonly MessageWriter _writer = new();
    private readonly ReconnectDelay _delay = new(new Random(options.Random.Next()));
    private readonly SemaphoreSlim _work = new(0);
    private volatile TaskCompletionSource _nudge = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _problem;
    private volatile PeerConnection? _connection;
    private Task _unfinished = Task.CompletedTask;

    // Something is queued that cannot wait for company; in Raft's turn only.
    private bool _isPressing;
    private int _isWriting = 1;

    /// <summary>Why there is no way to the member at the moment; null when there is one, or it was not tried yet.</summary>
    public string? Problem => _problem;

    public bool IsConnected => _connection is not null;

    /// <summary>Queues a message. In Raft's turn.</summary>
    public void Add(RaftMessage message)
    {
        _isPressing |= message is not CommitNotice;
        _queue.Add(message);
    }

    /// <summary>Writes what is queued, unless all of it can wait for company. In Raft's turn: neither waits nor throws.</summary>
    /// <returns>False: it waits for <see cref="Flush"/>.</returns>
    public bool Send()
    {
        if (!_isPressing) return _queue.IsEmpty;
        _isPressing = false;
        Flush();
        return true;
    }

    /// <summary>Writes what is queued, or sees to it that it is written. Any thread; neither waits nor throws.</summary>
    public void Flush()
    {
        if (_queue.IsEmpty || Interlocked.CompareExchange(ref _isWriting, 1, 0) != 0) return;
        PeerConnection? connection = _connection;
        if (connection is null || _queue.Bytes > MaxBytesOnTheSpot || !TryWriteOnTheSpot(connection)) _work.Release();
        else EndWriting();
    }

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
        try
        {
            _queue.Open();
            await using PeerConnection connection = await PeerConnection.OpenAsync(options, member, address, ct);
            using CancellationTokenSource breaking = CancellationTokenSource.CreateLinkedTokenSource(ct);
            _problem = null;
            _connection = connection;
            LogConnected(logger, member.ToString(), address);
            _delay.Reset();
            Task<string> ended = connection.EndAsync(breaking.Token);
            Task<string> sending = SendRestAsync(connection, breaking.Token);
            try
            {
                return await await Task.WhenAny(ended, sending);
            }
            finally
            {
                await breaking.CancelAsync();
                await Task.WhenAll(ended, sending).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // Whatever it was: the link has to come back.
            return e.Message;
        }
    }

    /// <summary>
    /// Writes what a turn could not. Has the right to write from the start and gives it back when it is at rest; the turn that takes it and does not
    /// get through hands it over by <see cref="_work"/>. Keeps it when it ends.
    /// </summary>
    private async Task<string> SendRestAsync(PeerConnection connection, CancellationToken ct)
    {
        bool isMine = true;
        try
        {
            while (true)
            {
                await _unfinished.WaitAsync(WriteTimeout, options.TimeProvider, ct);
                _unfinished = Task.CompletedTask;
                while (Gather()) await connection.WriteAsync(_writer.Written, ct).AsTask().WaitAsync(WriteTimeout, options.TimeProvider, ct);
                isMine = false;
                EndWriting();
                await _work.WaitAsync(ct);
                isMine = true;
            }
        }
        catch (TimeoutException)
        {
            return $"it took nothing for {WriteTimeout.TotalSeconds:0} s";
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return e.Message;
        }
        finally
        {
            _connection = null;
            if (!isMine) await TakeBackAsync();
            _unfinished = Task.CompletedTask;
        }
    }

    /// <summary>A turn may be writing at this moment; it ends soon, in one way or the other.</summary>
    private async Task TakeBackAsync()
    {
        while (Interlocked.CompareExchange(ref _isWriting, 1, 0) != 0)
        {
            if (_work.Wait(0)) return;
            await Task.Yield();
        }
    }

    /// <returns>False when it is not through.</returns>
    private bool TryWriteOnTheSpot(PeerConnection connection)
    {
        try
        {
            while (Gather())
            {
                ValueTask write = connection.WriteAsync(_writer.Written, CancellationToken.None);
                if (!write.IsCompletedSuccessfully)
                {
                    _unfinished = write.AsTask();
                    return false;
                }
            }

            return true;
        }
        catch (Exception e)
        {
            // The loop finds out what it means.
            _unfinished = Task.FromException(e);
            return false;
        }
    }

    private bool Gather()
    {
        _writer.Clear();
        while (_writer.WrittenCount < WriteBytes && _queue.TryTake(out RaftMessage? message)) _writer.Add(message);
        return _writer.WrittenCount > 0;
    }

    /// <summary>Gives the right to write back, and looks again: what was queued meanwhile found it taken.</summary>
    private void EndWriting()
    {
        Interlocked.Exchange(ref _isWriting, 0);
        if (!_queue.IsEmpty && Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0) _work.Release();
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
