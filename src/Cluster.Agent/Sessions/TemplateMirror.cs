using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Agent.Sessions;

/// <summary>
/// The templates of the assignments that the manager believes this agent to hold: it does not send them again. Follows the messages of
/// one session, so that it holds no more than the assignments do.
/// </summary>
internal sealed class TemplateMirror
{
    private readonly Dictionary<TaskId, TemplateId> _tasks = [];
    private readonly Dictionary<TemplateId, (TaskTemplate Template, int Uses)> _templates = [];

    public TemplateMirror(IReadOnlyList<TaskAssignment> held)
    {
        foreach (TaskAssignment assignment in held) Put(assignment);
    }

    public int Count => _templates.Count;

    public TaskTemplate? Find(TemplateId id) => _templates.TryGetValue(id, out (TaskTemplate Template, int Uses) entry) ? entry.Template : null;

    public void Apply(ManagerMessage.Assignments message)
    {
        if (message.IsComplete) Clear();
        foreach (TaskId taskId in message.Removed) Remove(taskId);
        foreach (TaskAssignment assignment in message.Put) Put(assignment);
    }

    private void Put(TaskAssignment assignment)
    {
        Remove(assignment.TaskId);
        TemplateId id = assignment.Template.Id;
        _tasks.Add(assignment.TaskId, id);
        int uses = _templates.TryGetValue(id, out (TaskTemplate Template, int Uses) entry) ? entry.Uses : 0;
        _templates[id] = (assignment.Template, uses + 1);
    }

    private void Remove(TaskId taskId)
    {
        if (!_tasks.Remove(taskId, out TemplateId id)) return;
        (TaskTemplate template, int uses) = _templates[id];
        if (uses == 1) _templates.Remove(id);
        else _templates[id] = (template, uses - 1);
    }

    private void Clear()
    {
        _tasks.Clear();
        _templates.Clear();
    }
}
