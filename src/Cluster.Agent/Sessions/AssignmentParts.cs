using Cluster.Api.Codec;
using Cluster.Model.Objects;

namespace Cluster.Agent.Sessions;

/// <summary>Puts a change together that came in several messages: it counts as a whole, with the version and digest of its last part.</summary>
internal sealed class AssignmentParts
{
    /// <summary>More than a node can run: a manager that sends more is broken.</summary>
    public const int TaskLimit = 100_000;

    private readonly List<ManagerMessage.Assignments> _parts = [];
    private int _tasks;

    /// <returns>The whole change; null: more of it follows.</returns>
    public ManagerMessage.Assignments? Add(ManagerMessage.Assignments part, bool isMoreComing)
    {
        _tasks += part.Put.Count + part.Removed.Count;
        if (_tasks > TaskLimit) throw new CodecException("assignments", $"more than {TaskLimit} tasks for one node");
        if (_parts.Count > 0 && part.IsComplete) throw new CodecException("assignments.complete", "is set in the first part only");
        _parts.Add(part);
        if (isMoreComing) return null;
        ManagerMessage.Assignments whole = _parts.Count == 1 ? part : Join(part);
        _parts.Clear();
        _tasks = 0;
        return whole;
    }

    private ManagerMessage.Assignments Join(ManagerMessage.Assignments last)
    {
        TaskAssignment[] put = [.. _parts.SelectMany(part => part.Put)];
        HashSet<Model.Ids.TaskId> present = [.. put.Select(assignment => assignment.TaskId)];
        return last with
        {
            IsComplete = _parts[0].IsComplete,
            Put = put,
            Removed = [.. _parts.SelectMany(part => part.Removed).Where(taskId => !present.Contains(taskId))],
        };
    }
}
