using System.Collections.Immutable;
using Cluster.Api.V1;
using Cluster.Manager.Certificates;
using Cluster.Manager.Hosting;
using Cluster.Manager.Members;
using Cluster.Manager.Peers;
using Cluster.Manager.Security;
using Cluster.Manager.Sessions;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Rpc.Server;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager;

/// <summary>
/// The manager role of a node: log, Raft, control thread, sessions and the services on port 2377. Started and stopped once.
/// </summary>
public sealed partial class ManagerRole : IAsyncDisposable
{
    private static readonly TimeSpan SessionTick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(2);

    private readonly ManagerRoleOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly FileRaftStorage _storage;
    private readonly RaftHost _raft;
    private readonly ControlThread _control;
    private readonly ManagerChannels _channels;
    private readonly Announcer _announcer;
    private readonly QuorumKeeper _quorum;
    private readonly LeaderLiveness _liveness;
    private readonly SessionKeeper _keeper;
    private readonly SnapshotSaver _snapshots;
    private readonly PeerTransport _peers;
    private readonly SnapshotReceiver _snapshotReceiver;
    private readonly RpcServer _server;
    private readonly StandingKeeper _standing;
    private readonly ExternalSigner _external;
    private Task _running = Task.CompletedTask;

    /// <summary>Completes when the role has ended, with the error when it failed.</summary>
    public Task Completion => _running;

    /// <summary>What root on this machine may call.</summary>
    public IReadOnlyList<Action<ServiceBinderBase>> LocalServices { get; }

    /// <summary>Seals what is written of log and snapshots from now on under another key, which the caller has stored. Any thread.</summary>
    public void UseDataKey(ImmutableArray<byte> dataKey) => _storage.UseDataKey(dataKey.AsSpan());

    /// <summary>Whether a file of log or snapshots is sealed under this key. Any thread.</summary>
    public bool NeedsDataKey(ImmutableArray<byte> dataKey) => _storage.NeedsDataKey(dataKey.AsSpan());

    /// <summary>Writes a snapshot of all that is committed here, and lets go of the log before it.</summary>
    public async Task SaveSnapshotAsync(CancellationToken ct) => await _snapshots.SaveNowAsync(await _control.ReadAppliedAsync(ct), ct);

    /// <summary>A leader hands leadership to another member first, so that nobody waits for an election.</summary>
    public async ValueTask DisposeAsync()
    {
        await HandOverAsync();
        await _server.DisposeAsync();
        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // It was told to stop.
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
        }

        await _peers.DisposeAsync();
        _channels.Dispose();
        await _snapshots.DisposeAsync();
        _snapshotReceiver.Dispose();
        await _control.DisposeAsync();
        _standing.Stop();
        _external.Dispose();
        _storage.Dispose();
        _stopping.Dispose();
    }

    private async Task HandOverAsync()
    {
        if (!_control.IsLeading || _running.IsCompleted) return;
        using CancellationTokenSource patience = new(HandOverTimeout, _options.TimeProvider);
        try
        {
            RaftStatus status = await _raft.DescribeAsync(patience.Token);
            MemberId successor = status.Members.Where(member => member.IsActive && status.Membership.IsVoter(member.Id))
                .OrderByDescending(member => member.Match).Select(member => member.Id).FirstOrDefault();
            if (successor.IsNone || !await _raft.TransferLeadershipAsync(successor, patience.Token)) return;
            while (_control.Leadership.Current.Leader == _raft.Self) await _control.Leadership.NextAsync(patience.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            // The others elect one.
        }
    }

    private async Task RunAsync(CancellationToken ct)
    {
        using CancellationTokenSource together = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using ITimer ticker = _options.TimeProvider.CreateTimer(_ => _control.TryPost(TickSessions), null, SessionTick, SessionTick);
        Task[] parts =
        [
            Task.Run(() => _control.RunAsync(_raft, together.Token), CancellationToken.None),
            _raft.RunAsync(together.Token),
            Task.Run(() => _quorum.RunAsync(together.Token), CancellationToken.None),
            Task.Run(() => _keeper.ReportAsync(together.Token), CancellationToken.None),
            Task.Run(() => AnnounceUntilEndAsync(together.Token), CancellationToken.None),
            Task.Run(() => _standing.RunAsync(_server.JudgeAgain, together.Token), CancellationToken.None),
            Task.Run(() => CatchUpAsync(together.Token), CancellationToken.None),
        ];
        Task first = await Task.WhenAny(parts);
        await together.CancelAsync();
        await Task.WhenAll(parts).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await first;
    }

    private async Task AnnounceUntilEndAsync(CancellationToken ct)
    {
        await _announcer.RefreshAsync(ct);
        await Task.Delay(Timeout.InfiniteTimeSpan, _options.TimeProvider, ct);
    }

    /// <summary>Asks a leader once for all that was committed, so that this manager knows what it does not know.</summary>
    private async Task CatchUpAsync(CancellationToken ct)
    {
        while (!_control.IsCurrent)
        {
            try
            {
                await _control.ReadAsync(ct);
            }
            catch (NoLeaderException)
            {
                // There will be one.
            }
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, _options.TimeProvider, ct);
    }

    private void TickSessions()
    {
        _keeper.Tick();
        _liveness.Tick();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed unexpectedly")]
    private static partial void LogUnhandled(ILogger logger, string method, Exception error);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The manager role failed")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
