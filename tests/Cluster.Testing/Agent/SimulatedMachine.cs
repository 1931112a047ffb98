using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Testing.Agent;

/// <summary>
/// What one node's kernel and container runtime hold, without time and without faults: the common heart of the in-memory runtime and
/// network plane and of <see cref="SimulatedAgent"/>. It survives the agent. Not safe for several threads at once.
/// </summary>
public sealed class SimulatedMachine
{
    /// <summary>Preparing with this image fails for good; every other image exists.</summary>
    public const string MissingImage = "missing";

    private readonly SortedDictionary<TaskId, SimulatedContainer> _containers = [];
    private readonly SortedDictionary<TaskId, NetworkRequest> _networks = [];
    private readonly SortedDictionary<TaskId, List<ContainerLogLine>> _logs = [];
    private readonly SortedDictionary<TaskId, int> _starts = [];
    private int _lastPid = 1000;

    /// <summary>Told when a container's process has ended.</summary>
    public event Action<TaskId, ContainerExit>? Ended;

    /// <summary>Told when a process was started.</summary>
    public event Action<TaskId>? Started;

    /// <summary>Told when a line was logged.</summary>
    public event Action<TaskId>? Logged;

    public IReadOnlyDictionary<TaskId, SimulatedContainer> Containers => _containers;

    public IReadOnlyDictionary<TaskId, NetworkRequest> Networks => _networks;

    public IReadOnlyCollection<TaskId> TasksWithLogs => _logs.Keys;

    /// <summary>How often a process was started for each task, ever.</summary>
    public IReadOnlyDictionary<TaskId, int> Starts => _starts;

    public bool IsEmpty => _containers.Count == 0 && _networks.Count == 0 && _logs.Count == 0;

    /// <exception cref="RuntimeException">Another task holds one of the host ports.</exception>
    public NetworkSandbox Attach(NetworkRequest request)
    {
        foreach ((TaskId other, NetworkRequest held) in _networks)
        {
            foreach (HostPort port in held.HostPorts)
            {
                if (other == request.TaskId || !request.HostPorts.Any(p => p.Protocol == port.Protocol && p.PublishedPort == port.PublishedPort)) continue;
                throw new RuntimeException($"port {port.PublishedPort}/{port.Protocol} is in use by task {other}", IsTemporary: true);
            }
        }

        _networks[request.TaskId] = request;
        return new NetworkSandbox(request.Mode, request.Mode == Model.Specs.NetworkMode.Host ? null : $"/netns/{request.TaskId}", [], []);
    }

    public void Detach(TaskId taskId) => _networks.Remove(taskId);

    public void Reconcile(IReadOnlyCollection<NetworkRequest> wanted)
    {
        foreach (TaskId taskId in _networks.Keys.ToArray())
        {
            if (!wanted.Any(request => request.TaskId == taskId)) _networks.Remove(taskId);
        }

        foreach (NetworkRequest request in wanted) Attach(request);
    }

    public void Prepare(ContainerPlan plan)
    {
        if (plan.Container.Image == MissingImage) throw new RuntimeException($"no such image: {plan.Container.Image}", IsTemporary: false);
        if (_containers.TryGetValue(plan.TaskId, out SimulatedContainer? known) && known.State != RuntimeTaskState.Absent) return;
        _containers[plan.TaskId] = new SimulatedContainer(plan);
        _logs.TryAdd(plan.TaskId, []);
    }

    public int Start(TaskId taskId)
    {
        SimulatedContainer container = Required(taskId);
        if (container.State == RuntimeTaskState.Running) return container.Pid;
        if (container.State == RuntimeTaskState.Stopped) throw new RuntimeException("the container has ended already", IsTemporary: false);
        _starts[taskId] = _starts.GetValueOrDefault(taskId) + 1;
        container.State = RuntimeTaskState.Running;
        container.Pid = ++_lastPid;
        Started?.Invoke(taskId);
        return container.Pid;
    }

    /// <summary>Null while it runs, or before it was started.</summary>
    public ContainerExit? ExitOf(TaskId taskId) => Required(taskId).Exit;

    /// <summary>The process ends; nothing happens when none runs.</summary>
    public void End(TaskId taskId, ContainerExit exit)
    {
        if (!_containers.TryGetValue(taskId, out SimulatedContainer? container) || container.State != RuntimeTaskState.Running) return;
        container.State = RuntimeTaskState.Stopped;
        container.Pid = 0;
        container.Exit = exit;
        Ended?.Invoke(taskId, exit);
    }

    public void Log(TaskId taskId, ContainerLogLine line)
    {
        if (_logs.TryGetValue(taskId, out List<ContainerLogLine>? lines)) lines.Add(line);
        Logged?.Invoke(taskId);
    }

    public IReadOnlyList<ContainerLogLine> LogOf(TaskId taskId) => _logs.GetValueOrDefault(taskId) ?? [];

    public void Remove(TaskId taskId, DateTimeOffset now)
    {
        End(taskId, new ContainerExit(137, now, OutOfMemory: false));
        _containers.Remove(taskId);
        Logged?.Invoke(taskId);
    }

    public void RemoveLogs(TaskId taskId) => _logs.Remove(taskId);

    /// <summary>The machine loses power: processes and networks are gone, containers and logs are on its disk.</summary>
    public void Restart()
    {
        _networks.Clear();
        foreach (SimulatedContainer container in _containers.Values)
        {
            container.Pid = 0;
            container.State = RuntimeTaskState.Absent;
        }
    }

    public IReadOnlyList<RuntimeTask> List() =>
    [
        .. _containers.Keys.Union(_logs.Keys).Order().Select(taskId => _containers.TryGetValue(taskId, out SimulatedContainer? c)
            ? new RuntimeTask(taskId, c.State, c.Pid, c.Exit?.ExitCode)
            : new RuntimeTask(taskId, RuntimeTaskState.Absent, 0, null)),
    ];

    private SimulatedContainer Required(TaskId taskId) =>
        _containers.TryGetValue(taskId, out SimulatedContainer? container) && container.State != RuntimeTaskState.Absent
            ? container
            : throw new RuntimeException($"there is no container of task {taskId}", IsTemporary: false);
}
