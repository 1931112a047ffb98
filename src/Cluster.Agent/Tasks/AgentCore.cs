using Cluster.Agent.Networking;
using Cluster.Agent.Sessions;
using Cluster.Agent.State;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Model.Time;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Agent.Tasks;

/// <summary>
/// Everything that the agent decides, without I/O, clock or chance: <see cref="Handle"/> takes one event and gives what is to be stored
/// and done. One thread owns it. What must hold: a reported state never decreases; a task has one operation at a time; a container
/// that no assignment names is removed only after a manager has sent a set that this node has verified by its digest.
/// </summary>
public sealed class AgentCore
{
    /// <summary>After so many changes in a row that miss the manager's digest, everything is asked for again.</summary>
    private const int MismatchLimit = 2;

    private readonly StepBuilder _step = new();
    private readonly StatusOutbox _outbox = new();
    private readonly SessionTracker _session = new();
    private readonly AssignmentSet _assignments;
    private readonly TaskLedger _ledger;
    private readonly TaskMachine _machine;
    private readonly MachineAdopter _adopter;
    private readonly NetworkReconciler _networks;

    /// <param name="options">What is fixed for the life of the agent.</param>
    /// <param name="state">What was remembered; empty where that was lost, then the machine's containers are adopted as assignments come.</param>
    public AgentCore(AgentCoreOptions options, AgentState state)
    {
        _ledger = new TaskLedger(_step, _outbox);
        _machine = new TaskMachine(options, _ledger, _step);
        _assignments = new AssignmentSet(state.Incarnation, state.Version, state.Tasks.Select(t => t.Assignment));
        _adopter = new MachineAdopter(_ledger, _machine, state);
        _networks = new NetworkReconciler(_ledger, _machine, _step);
        foreach (StoredTask task in state.Tasks)
        {
            // Stored is accepted: whoever stored the assignment may have died before it stored that.
            TaskStatus status = task.Status.State < TaskState.Accepted ? task.Status with { State = TaskState.Accepted, Message = "accepted" } : task.Status;
            _ledger.Add(new HeldTask(task.Assignment.TaskId, task.Assignment, status));
            _outbox.Add(task.Assignment.TaskId);
        }
    }

    /// <summary>When to come with <see cref="AgentEvent.TimeElapsed"/>; null: nothing waits for time.</summary>
    public ClusterTime? NextWake => Earlier(Earlier(_machine.NextWake, _session.NextWake), Earlier(_networks.NextWake, _session.IsOpen ? _outbox.NextSendAt : null));

    /// <summary>Tasks of which this machine may hold anything with good reason: assigned ones, and those being removed.</summary>
    public IReadOnlyList<TaskId> Owned => [.. _ledger.All.Select(task => task.Id)];

    /// <summary>Whether a manager's digest has confirmed the assignments since this agent started.</summary>
    public bool IsVerified => _adopter.IsVerified;

    /// <summary>What to present to the next manager.</summary>
    public SessionHello Hello(NodeDescription description) => new(
        description, _assignments.Incarnation, _assignments.Version, _session.Mismatches >= MismatchLimit ? [] : _assignments.Digest, _assignments.All);

    /// <summary>The last status of a task, for tests and for the local debug call; null when it is not held.</summary>
    public TaskStatus? StatusOf(TaskId taskId) => _ledger.Find(taskId)?.Status;

    /// <param name="happened">What happened.</param>
    /// <param name="now">Not before the time of any earlier call.</param>
    public AgentStep Handle(AgentEvent happened, ClusterTime now)
    {
        _machine.FireTimers(now);
        switch (happened)
        {
            case AgentEvent.MachineListed listed:
                _adopter.MachineListed(listed.Tasks, _assignments, now);
                break;
            case AgentEvent.SessionOpened opened:
                if (_session.IsOpen) EndSession();
                if (_session.Open(opened.Session, opened.Welcome, now)) _outbox.SessionOpened();
                break;
            case AgentEvent.SessionClosed closed when closed.Session == _session.Current:
                EndSession();
                break;
            case AgentEvent.Received received when received.Session == _session.Current && _session.IsOpen:
                _session.Heard(now);
                Receive(received.Message, now);
                break;
            case AgentEvent.OperationEnded ended when _ledger.Find(ended.TaskId) is { } task:
                _machine.OperationEnded(task, ended.OperationId, ended.Outcome, now);
                break;
            case AgentEvent.NetworksReconciled reconciled:
                _networks.Ended(reconciled.Error, now);
                break;
        }

        _networks.Advance(_adopter, now);
        _machine.DrainGates(now);
        KeepSession(now);
        return _step.Take();
    }

    private void EndSession()
    {
        _session.Close();
        _outbox.SessionClosed();
    }

    private void GiveUpSession(string reason)
    {
        _step.Do(new AgentEffect.CloseSession(_session.Current, reason));
        EndSession();
    }

    private void Receive(ManagerMessage message, ClusterTime now)
    {
        switch (message)
        {
            case ManagerMessage.Assignments assignments:
                ReceiveAssignments(assignments, now);
                break;
            case ManagerMessage.StatusAcknowledgement acknowledgement:
                _outbox.Acknowledge(acknowledgement.Sequence);
                break;
            case ManagerMessage.HeartbeatAcknowledgement { HeartbeatPeriod: { } period }:
                _session.ChangePeriod(period, now);
                break;
            case ManagerMessage.InventoryRequest:
                Send(new AgentMessage.Inventory(_assignments.Inventory()));
                break;
        }
    }

    private void ReceiveAssignments(ManagerMessage.Assignments message, ClusterTime now)
    {
        if (message.Incarnation < _assignments.Incarnation
            || (message.Incarnation == _assignments.Incarnation && message.Version < _assignments.Version))
        {
            GiveUpSession($"the manager sent assignments of version {message.Version} (incarnation {message.Incarnation}) to a node that has seen "
                + $"version {_assignments.Version} (incarnation {_assignments.Incarnation})");
            return;
        }

        bool isOtherHistory = message.Incarnation != _assignments.Incarnation;
        if (_assignments.TryApply(message) is not { } change)
        {
            if (++_session.Mismatches >= MismatchLimit || message.IsComplete)
            {
                _session.Mismatches = MismatchLimit;
                GiveUpSession("the manager's assignments do not have the digest that it sent with them");
            }
            else
            {
                Send(new AgentMessage.Inventory(_assignments.Inventory()));
            }

            return;
        }

        _session.Mismatches = 0;
        if (change.IsMoved) _step.Persist(new AgentStateChange.Position(message.Incarnation, message.Version));
        foreach (TaskId removed in change.Removed)
        {
            _step.Persist(new AgentStateChange.RemoveTask(removed));
            _adopter.Leave(removed, now);
        }

        foreach (TaskAssignment put in change.Put)
        {
            _step.Persist(new AgentStateChange.PutAssignment(put));
            _adopter.Assign(put, _outbox, now);
        }

        // Its state may be older than what was acknowledged. Not before: until it had assigned these tasks again, it took no reports of them.
        if (isOtherHistory) ReportAll();
        _adopter.Verified(_assignments, now);
    }

    private void ReportAll()
    {
        foreach (HeldTask task in _ledger.All.Where(task => !task.IsLeaving)) _outbox.Add(task.Id);
    }

    private void KeepSession(ClusterTime now)
    {
        if (_session.IsSilent(now)) GiveUpSession("nothing was heard of the manager for three heartbeat periods");
        if (!_session.IsOpen) return;
        if (_session.TakeHeartbeat(now)) Send(AgentMessage.Heartbeat.Instance);
        while (_outbox.TakeBatch(now, ReportedStatusOf) is { } batch) Send(batch);
    }

    /// <summary>Nothing of a task that the managers have forgotten.</summary>
    private TaskStatus? ReportedStatusOf(TaskId taskId) => _ledger.Find(taskId) is { IsLeaving: false } task ? task.Status : null;

    private void Send(AgentMessage message) => _step.Do(new AgentEffect.Send(_session.Current, message));

    private static ClusterTime? Earlier(ClusterTime? a, ClusterTime? b) => a is null ? b : b is null ? a : a.Value < b.Value ? a : b;
}
