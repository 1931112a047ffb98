using Cluster.Agent.Networking;
using Cluster.Agent.Runtime;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Agent.Tasks;

/// <summary>What the machine has to make for an assignment. A refusal means that the task can never run here.</summary>
internal static class TaskPlanner
{
    /// <summary>Swarm's, where the service names none.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(10);

    public static Result<TaskPlan> Plan(AgentCoreOptions node, TaskAssignment task)
    {
        Placeholders placeholders = new(node, task);
        ContainerSpec spec = task.Template.Container;
        Result<string> hostname = placeholders.Expand(spec.Hostname ?? "", "hostname");
        if (!hostname.IsOk) return hostname.Refusal!;
        Result<ValueList<string>> env = ExpandEach(spec.Env, (text, i) => placeholders.Expand(text, $"env[{i}]"));
        if (!env.IsOk) return env.Refusal!;
        Result<ValueList<Mount>> mounts = ExpandEach(spec.Mounts, (mount, i) => ExpandMount(placeholders, mount, i));
        if (!mounts.IsOk) return mounts.Refusal!;
        spec = spec with { Hostname = spec.Hostname is null ? null : hostname.Value, Env = env.Value, Mounts = mounts.Value };
        return new TaskPlan(task.TaskId, task.ServiceId, placeholders.TaskName, spec, task.Template.Resources, task.Template.LogDriver);
    }

    public static NetworkRequest Network(TaskAssignment task) => new(task.TaskId, task.Template.Network, task.HostPorts);

    public static StopOptions Stop(TaskAssignment? task) =>
        new(task?.Template.Container.StopSignal, task?.Template.Container.StopGracePeriod ?? DefaultGrace);

    private static Result<Mount> ExpandMount(Placeholders placeholders, Mount mount, int index)
    {
        Result<string> source = placeholders.Expand(mount.Source, $"mounts[{index}].source");
        return source.IsOk ? mount with { Source = source.Value } : source.Refusal!;
    }

    private static Result<ValueList<T>> ExpandEach<T>(ValueList<T> items, Func<T, int, Result<T>> expand)
    {
        T[] expanded = new T[items.Count];
        for (int i = 0; i < expanded.Length; i++)
        {
            Result<T> item = expand(items[i], i);
            if (!item.IsOk) return item.Refusal!;
            expanded[i] = item.Value;
        }

        return expanded.ToValueList();
    }
}
