namespace Cluster.Agent.Sessions;

/// <summary>The agent's way to the managers. One caller at a time, one session at a time.</summary>
public interface IDispatcherClient
{
    /// <summary>
    /// Tries the known managers in turn, backing off between attempts, until one of them serves this node; only the token ends it earlier.
    /// </summary>
    /// <exception cref="NodeRefusedException">The managers do not accept this node's certificate: there is no use in trying again.</exception>
    Task<IDispatcherSession> OpenAsync(SessionHello hello, CancellationToken ct);
}

/// <summary>A session that a manager has welcomed. Disposing it ends it.</summary>
public interface IDispatcherSession : IAsyncDisposable
{
    /// <summary>The address of the manager, for messages.</summary>
    string Manager { get; }

    SessionWelcome Welcome { get; }

    /// <summary>What the manager says, in order, until it ends the session. Enumerated once.</summary>
    /// <exception cref="SessionLostException">The connection broke, or the manager said something that is not well-formed.</exception>
    IAsyncEnumerable<ManagerMessage> ReadAsync(CancellationToken ct);

    /// <summary>One call at a time.</summary>
    /// <exception cref="SessionLostException">The connection broke.</exception>
    Task SendAsync(AgentMessage message, CancellationToken ct);

    /// <summary>Carries log lines to the manager as fast as it takes them; completes when the lines end or the manager wants no more.</summary>
    /// <exception cref="SessionLostException">The connection broke.</exception>
    Task PublishLogsAsync(string subscriptionId, IAsyncEnumerable<TaskLogLines> lines, CancellationToken ct);
}

/// <summary>The next lines of a task's log.</summary>
/// <param name="IsEnd">No more lines of this task follow.</param>
/// <param name="Error">Why lines are missing; null: none are.</param>
public sealed record TaskLogLines(Model.Ids.TaskId TaskId, IReadOnlyList<Runtime.ContainerLogLine> Lines, bool IsEnd, string? Error);

/// <summary>The session has ended; open another.</summary>
public sealed class SessionLostException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>This node is no member of the cluster any more, as far as every manager is concerned.</summary>
public sealed class NodeRefusedException(string message, Exception? cause = null) : Exception(message, cause);
