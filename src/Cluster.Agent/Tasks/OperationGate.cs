using Cluster.Model;
using Cluster.Model.Ids;

namespace Cluster.Agent.Tasks;

/// <summary>Lets only so many operations of one kind run at once; the others wait in the order in which they came, urgent ones first.</summary>
internal sealed class OperationGate(int limit)
{
    private readonly SortedSet<(int Class, long Ticket, TaskId TaskId)> _waiting = [];
    private readonly Dictionary<TaskId, (int Class, long Ticket)> _tickets = [];
    private long _lastTicket;

    public int Running { get; private set; }

    public bool HasRoom => Running < limit;

    public void Enqueue(TaskId taskId, bool isUrgent)
    {
        (int Class, long Ticket) ticket = (isUrgent ? 0 : 1, ++_lastTicket);
        _tickets.Add(taskId, ticket);
        _waiting.Add((ticket.Class, ticket.Ticket, taskId));
    }

    public bool TryDequeue(out TaskId taskId)
    {
        taskId = default;
        if (!HasRoom || _waiting.Count == 0) return false;
        taskId = _waiting.Min.TaskId;
        Remove(taskId);
        return true;
    }

    public void Remove(TaskId taskId)
    {
        if (_tickets.Remove(taskId, out (int Class, long Ticket) ticket)) _waiting.Remove((ticket.Class, ticket.Ticket, taskId));
    }

    public void Begin() => Running++;

    public void End()
    {
        Running--;
        Invariant.Check(Running >= 0, "an operation ends once");
    }
}
