using System.Collections.Immutable;
using Cluster.Agent.Sessions;
using Cluster.Agent.Tasks;
using Cluster.Model;
using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Testing.Agent;

/// <summary>
/// The managers as one <see cref="SimulatedAgent"/> sees them: holds what is assigned and what was reported, and checks that a reported
/// state never decreases. Messages take a while; a session can be cut at any time.
/// </summary>
public sealed class SimulatedDispatcher
{
    private readonly SimulatedAgent _agent;
    private readonly ISimulationScheduler _scheduler;
    private readonly SortedDictionary<TaskId, TaskAssignment> _assigned = [];
    private readonly SortedDictionary<TaskId, TaskStatus> _observed = [];
    private readonly SortedSet<TaskId> _changed = [];
    private ulong _version = 1;
    private long _session;
    private long _lastSession;
    private bool _isInStep;

    public SimulatedDispatcher(SimulatedAgent agent, ISimulationScheduler scheduler)
    {
        (_agent, _scheduler) = (agent, scheduler);
        agent.Said += Hear;
        agent.Closed += (session, _) => Cut(session);
    }

    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(2);

    public TimeSpan HeartbeatPeriod { get; set; } = TimeSpan.FromSeconds(5);

    public ulong Incarnation { get; set; } = 1;

    /// <summary>Makes the next delta wrong, as a bug or a lost message would.</summary>
    public bool CorruptsNextDelta { get; set; }

    public bool IsConnected => _session != 0;

    public IReadOnlyDictionary<TaskId, TaskAssignment> Assigned => _assigned;

    public IReadOnlyDictionary<TaskId, TaskStatus> Observed => _observed;

    public int Heartbeats { get; private set; }

    /// <summary>Connects the agent, if it runs and is not connected.</summary>
    public void Connect()
    {
        if (IsConnected || !_agent.IsRunning) return;
        SessionHello hello = _agent.Hello(new NodeDescription());
        long session = _session = ++_lastSession;
        _isInStep = false;
        Later(session, () =>
        {
            _changed.Clear();
            _agent.Give(new AgentEvent.SessionOpened(session, new SessionWelcome($"s{session}", HeartbeatPeriod, Incarnation, [])));
            bool isEqual = hello.Digest.AsSpan().SequenceEqual(Digest().AsSpan());
            _isInStep = isEqual || hello.Digest.IsEmpty; // else changes wait until the inventory was answered
            Tell(session, isEqual ? Delta([], []) : _isInStep ? Complete() : ManagerMessage.InventoryRequest.Instance);
        });
    }

    /// <summary>Cuts the present session; both sides know.</summary>
    public void Cut() => Cut(_session);

    /// <summary>The open session goes on in another period.</summary>
    public void ChangePeriod(TimeSpan period) => Tell(_session, new ManagerMessage.HeartbeatAcknowledgement(HeartbeatPeriod = period));

    /// <summary>The agent was killed: its session is gone.</summary>
    public void AgentKilled() => _session = 0;

    public void Assign(TaskAssignment assignment)
    {
        _assigned[assignment.TaskId] = assignment;
        Changed(assignment.TaskId);
    }

    /// <summary>Assigns a task of which the managers know a state already, as to a node that has lost its memory.</summary>
    public void Pretend(TaskAssignment assignment, TaskState observed)
    {
        _observed[assignment.TaskId] = new TaskStatus { State = observed };
        Assign(assignment);
    }

    public void Desire(TaskId taskId, TaskState state)
    {
        if (_assigned.TryGetValue(taskId, out TaskAssignment? assignment)) Assign(assignment with { DesiredState = state });
    }

    public void Remove(TaskId taskId)
    {
        _assigned.Remove(taskId);
        _observed.Remove(taskId);
        Changed(taskId);
    }


    private void Changed(TaskId taskId)
    {
        _version++;
        if (!IsConnected || !_isInStep) return;
        if (_changed.Count == 0) Later(_session, SendChanges);
        _changed.Add(taskId);
    }

    private void SendChanges()
    {
        if (_changed.Count == 0) return;
        ManagerMessage delta = Delta([.. _changed.Where(_assigned.ContainsKey)], [.. _changed.Where(id => !_assigned.ContainsKey(id))]);
        _changed.Clear();
        Tell(_session, delta);
    }

    private void Hear(long session, AgentMessage message) => Later(session, () =>
    {
        switch (message)
        {
            case AgentMessage.Heartbeat:
                Heartbeats++;
                Tell(session, ManagerMessage.HeartbeatAcknowledgement.Instance);
                break;
            case AgentMessage.Statuses statuses:
                foreach (TaskStatusUpdate update in statuses.Updates) Observe(update);
                Tell(session, new ManagerMessage.StatusAcknowledgement(statuses.Sequence));
                break;
            case AgentMessage.Inventory inventory:
                _isInStep = true;
                Tell(session, Difference(inventory));
                break;
        }
    });

    private void Observe(TaskStatusUpdate update)
    {
        if (!_assigned.ContainsKey(update.TaskId)) return;
        if (_observed.TryGetValue(update.TaskId, out TaskStatus? before))
        {
            if (before.State == TaskState.Orphaned) return; // given up: that stands
            Invariant.Check(update.Status.State >= before.State, $"task {update.TaskId} went from {before.State} back to {update.Status.State}");
            Invariant.Check(!before.State.IsTerminal() || update.Status.State == before.State, $"task {update.TaskId} ended as {before.State} and again as {update.Status.State}");
        }

        _observed[update.TaskId] = update.Status;
    }

    private ManagerMessage.Assignments Complete() => new ManagerMessage.Assignments(Incarnation, _version, IsComplete: true, [.. _assigned.Keys.Select(Sent)], [], Digest());

    private ManagerMessage.Assignments Difference(AgentMessage.Inventory inventory)
    {
        Dictionary<TaskId, ImmutableArray<byte>> held = inventory.Items.ToDictionary(item => item.TaskId, item => item.Digest);
        TaskId[] put = [.. _assigned.Where(p => !held.TryGetValue(p.Key, out ImmutableArray<byte> d) || !d.AsSpan().SequenceEqual(AssignmentDigest.Of(p.Value))).Select(p => p.Key)];
        TaskId[] removed = [.. held.Keys.Where(id => !_assigned.ContainsKey(id)).Order()];
        return new ManagerMessage.Assignments(Incarnation, _version, IsComplete: false, [.. put.Select(Sent)], removed, Digest());
    }

    private ManagerMessage.Assignments Delta(TaskId[] put, TaskId[] removed)
    {
        ImmutableArray<byte> digest = Digest();
        if (CorruptsNextDelta && !digest.IsEmpty)
        {
            digest = digest.SetItem(0, (byte)(digest[0] ^ 1));
            CorruptsNextDelta = false;
        }

        return new ManagerMessage.Assignments(Incarnation, _version, IsComplete: false, [.. put.Select(Sent)], removed, digest);
    }

    private TaskAssignment Sent(TaskId taskId) => _assigned[taskId] with { ObservedState = _observed.TryGetValue(taskId, out TaskStatus? s) ? s.State : TaskState.Assigned };

    private ImmutableArray<byte> Digest() => [.. AssignmentDigest.OfSet(_assigned.Select(p => (p.Key, AssignmentDigest.Of(p.Value))))];

    private void Tell(long session, ManagerMessage message) => Later(session, () => _agent.Give(new AgentEvent.Received(session, message)));

    private void Cut(long session)
    {
        if (session == 0 || session != _session) return;
        _session = 0;
        _scheduler.Schedule(TimeSpan.Zero, () => _agent.Give(new AgentEvent.SessionClosed(session)));
    }

    private void Later(long session, Action action) => _scheduler.Schedule(Latency, () =>
    {
        if (session == _session) action();
    });
}
