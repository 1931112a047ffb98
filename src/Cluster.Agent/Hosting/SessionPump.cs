using System.Threading.Channels;
using Cluster.Agent.Logs;
using Cluster.Agent.Sessions;
using Cluster.Agent.Tasks;
using Cluster.Model.Objects;
using Microsoft.Extensions.Logging;

namespace Cluster.Agent.Hosting;

/// <summary>
/// Keeps a session with some manager: opens one after the other, carries the core's messages out and the manager's in. The loop calls
/// <see cref="Send"/> and <see cref="Close"/>; everything else runs in the pump's own task.
/// </summary>
internal sealed partial class SessionPump(
    AgentHostOptions options, Func<AgentEvent, CancellationToken, Task> post, Func<NodeDescription, CancellationToken, Task<SessionHello>> hello)
{
    /// <summary>A manager that does not take this many messages takes none: the session is ended.</summary>
    private const int OutboundLimit = 256;

    private volatile Live? _live;
    private long _lastNumber;

    /// <summary>Null: no session.</summary>
    public string? Manager => _live?.Session.Manager;

    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            NodeDescription description = options.Describe();
            SessionHello presented = await hello(description, ct);
            IDispatcherSession session = await options.Dispatcher.OpenAsync(presented, ct);
            await using (session)
            {
                await CarryAsync(session, description, ct);
            }
        }
    }

    /// <summary>A message for a session that is over is dropped: the core hears of its end.</summary>
    public void Send(long number, AgentMessage message)
    {
        if (_live is not { } live || live.Number != number || live.Outbound.Writer.TryWrite(message)) return;
        Close(number, "the manager takes no messages");
    }

    public void Close(long number, string reason)
    {
        if (_live is not { } live || live.Number != number) return;
        LogGivenUp(options.Logger, live.Session.Manager, reason);
        live.Closed.TrySetResult();
    }

    private async Task CarryAsync(IDispatcherSession session, NodeDescription description, CancellationToken ct)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Live live = new(++_lastNumber, session, Channel.CreateBounded<AgentMessage>(OutboundLimit), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        LogPublisher logs = new(options.Runtime, session, options.Logger, ending.Token);
        _live = live;
        LogOpened(options.Logger, session.Manager, session.Welcome.SessionId);
        await post(new AgentEvent.SessionOpened(live.Number, session.Welcome), ct);
        Task[] parts =
        [
            GuardAsync(session.Manager, () => live.Closed.Task.WaitAsync(ending.Token)),
            GuardAsync(session.Manager, () => WriteAsync(live, ending.Token)),
            GuardAsync(session.Manager, () => ReadAsync(live, logs, ending.Token)),
            GuardAsync(session.Manager, () => WatchDescriptionAsync(description, ending.Token)),
        ];
        await Task.WhenAny(parts);
        _live = null;
        await ending.CancelAsync();
        await Task.WhenAll(parts);
        await logs.DrainAsync();
        ct.ThrowIfCancellationRequested();
        await post(new AgentEvent.SessionClosed(live.Number), ct);
    }

    private static async Task WriteAsync(Live live, CancellationToken ct)
    {
        await foreach (AgentMessage message in live.Outbound.Reader.ReadAllAsync(ct)) await live.Session.SendAsync(message, ct);
    }

    private async Task ReadAsync(Live live, LogPublisher logs, CancellationToken ct)
    {
        await foreach (ManagerMessage message in live.Session.ReadAsync(ct))
        {
            switch (message)
            {
                case ManagerMessage.LogRequest request:
                    logs.Start(request);
                    break;
                case ManagerMessage.LogClose close:
                    logs.Stop(close.SubscriptionId);
                    break;
                default:
                    await post(new AgentEvent.Received(live.Number, message), ct);
                    break;
            }
        }
    }

    /// <summary>Ends when the node is not what it said it was; the next session says what it is now.</summary>
    private async Task WatchDescriptionAsync(NodeDescription said, CancellationToken ct)
    {
        while (options.Describe() == said) await Task.Delay(options.DescribePeriod, options.TimeProvider, ct);
        LogDescriptionChanged(options.Logger);
    }

    /// <summary>The end of one part ends the session, whatever the reason; none of them is worth more than a line in the log.</summary>
    private async Task GuardAsync(string manager, Func<Task> part)
    {
        try
        {
            await part();
        }
        catch (OperationCanceledException)
        {
            // Another part has ended the session.
        }
        catch (SessionLostException e)
        {
            LogLost(options.Logger, manager, e.Message);
        }
        catch (Exception e) // the edge: whatever a manager says must not end the agent
        {
            LogBroken(options.Logger, e, manager);
        }
    }

    private sealed record Live(long Number, IDispatcherSession Session, Channel<AgentMessage> Outbound, TaskCompletionSource Closed);

    [LoggerMessage(Level = LogLevel.Information, Message = "session {SessionId} with manager {Manager} is open")]
    private static partial void LogOpened(ILogger logger, string manager, string sessionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "session with manager {Manager} is given up: {Reason}")]
    private static partial void LogGivenUp(ILogger logger, string manager, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "session with manager {Manager} was lost: {Reason}")]
    private static partial void LogLost(ILogger logger, string manager, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "session with manager {Manager} ended in a way that was not foreseen")]
    private static partial void LogBroken(ILogger logger, Exception exception, string manager);

    [LoggerMessage(Level = LogLevel.Information, Message = "this node has changed; a new session tells the managers")]
    private static partial void LogDescriptionChanged(ILogger logger);
}
