using Cluster.Model.Ids;

namespace Cluster.Agent.Runtime;

/// <summary>How a container ended. <paramref name="OutOfMemory"/>: the kernel killed it at its memory limit.</summary>
public sealed record ContainerExit(int ExitCode, DateTimeOffset At, bool OutOfMemory);

/// <summary>Null: as the image says, else SIGTERM.</summary>
public sealed record StopOptions(string? Signal, TimeSpan Grace);

public enum RuntimeTaskState { Absent, Created, Running, Stopped }

/// <summary>What the machine holds of a task. <see cref="RuntimeTaskState.Absent"/>: no container, but a snapshot, mount or log.</summary>
public sealed record RuntimeTask(TaskId TaskId, RuntimeTaskState State, int Pid, int? ExitCode);

public enum ContainerStream { Stdout, Stderr }

public sealed record LogQuery(bool Follow, long Tail, DateTimeOffset? Since)
{
    public static readonly LogQuery All = new(false, -1, null);
}

/// <summary>One line without its line end.</summary>
public sealed record ContainerLogLine(DateTimeOffset At, ContainerStream Stream, ReadOnlyMemory<byte> Data);

/// <param name="IsTemporary">False: the task itself is wrong and will be rejected. True: try again.</param>
public sealed class RuntimeException(string message, bool IsTemporary, Exception? cause = null) : Exception(message, cause)
{
    public bool IsTemporary { get; } = IsTemporary;
}
