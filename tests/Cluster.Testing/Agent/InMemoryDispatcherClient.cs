using System.Threading.Channels;
using Cluster.Agent.Sessions;

namespace Cluster.Testing.Agent;

/// <summary>The agent's way to a manager that a test plays: each session that the agent opens is taken with <see cref="AcceptAsync"/>.</summary>
public sealed class InMemoryDispatcherClient : IDispatcherClient
{
    private readonly Channel<InMemorySession> _opened = Channel.CreateBounded<InMemorySession>(16);

    /// <summary>When set, every attempt to open a session ends with it.</summary>
    public Exception? Refusal { get; set; }

    public SessionWelcome Welcome { get; set; } = new("session", TimeSpan.FromSeconds(5), 1, []);

    public async Task<IDispatcherSession> OpenAsync(SessionHello hello, CancellationToken ct)
    {
        if (Refusal is not null) throw Refusal;
        InMemorySession session = new(hello, Welcome);
        await _opened.Writer.WriteAsync(session, ct);
        return session;
    }

    /// <summary>The next session that the agent opened, as its manager sees it.</summary>
    public async Task<InMemorySession> AcceptAsync(CancellationToken ct) => await _opened.Reader.ReadAsync(ct);
}

/// <summary>One session: the agent's side is <see cref="IDispatcherSession"/>, the rest is the manager's.</summary>
public sealed class InMemorySession(SessionHello hello, SessionWelcome welcome) : IDispatcherSession
{
    private const int Limit = 1024;
    private readonly Channel<ManagerMessage> _toAgent = Channel.CreateBounded<ManagerMessage>(Limit);
    private readonly Channel<AgentMessage> _toManager = Channel.CreateBounded<AgentMessage>(Limit);
    private readonly Channel<(string SubscriptionId, TaskLogLines Lines)> _logs = Channel.CreateBounded<(string, TaskLogLines)>(Limit);

    public SessionHello Hello { get; } = hello;

    public string Manager => "memory";

    public SessionWelcome Welcome { get; } = welcome;

    /// <summary>What the agent said, in order; it ends when the agent has ended the session.</summary>
    public ChannelReader<AgentMessage> FromAgent => _toManager.Reader;

    public ChannelReader<(string SubscriptionId, TaskLogLines Lines)> Logs => _logs.Reader;

    public ValueTask TellAsync(ManagerMessage message, CancellationToken ct) => _toAgent.Writer.WriteAsync(message, ct);

    /// <summary>The connection breaks, or, without a reason, the manager ends the session.</summary>
    public void End(string? lost = null) => _toAgent.Writer.TryComplete(lost is null ? null : new SessionLostException(lost));

    public IAsyncEnumerable<ManagerMessage> ReadAsync(CancellationToken ct) => _toAgent.Reader.ReadAllAsync(ct);

    public async Task SendAsync(AgentMessage message, CancellationToken ct) => await _toManager.Writer.WriteAsync(message, ct);

    public async Task PublishLogsAsync(string subscriptionId, IAsyncEnumerable<TaskLogLines> lines, CancellationToken ct)
    {
        await foreach (TaskLogLines next in lines.WithCancellation(ct)) await _logs.Writer.WriteAsync((subscriptionId, next), ct);
    }

    public ValueTask DisposeAsync()
    {
        _toManager.Writer.TryComplete();
        _toAgent.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
