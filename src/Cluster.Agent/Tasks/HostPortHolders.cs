using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Agent.Tasks;

/// <summary>
/// Which task holds a host port on this machine. Managers give a port on as soon as its task has ended, which is before its network is
/// taken away: the next task waits for that here.
/// </summary>
internal sealed class HostPortHolders
{
    private readonly Dictionary<(PortProtocol, int), TaskId> _holders = [];
    private readonly SortedSet<TaskId> _waiting = [];

    /// <summary>Takes all ports or none; then the one that somebody else holds is given.</summary>
    public HostPort? TakeOrFindHeld(TaskId taskId, ValueList<HostPort> ports)
    {
        foreach (HostPort port in ports)
        {
            if (!_holders.TryGetValue(KeyOf(port), out TaskId holder) || holder == taskId) continue;
            _waiting.Add(taskId);
            return port;
        }

        foreach (HostPort port in ports) _holders[KeyOf(port)] = taskId;
        _waiting.Remove(taskId);
        return null;
    }

    /// <summary>For a container that was found: it has the ports, whatever was thought.</summary>
    public void Take(TaskId taskId, ValueList<HostPort> ports)
    {
        foreach (HostPort port in ports) _holders[KeyOf(port)] = taskId;
    }

    public bool Holds(TaskId taskId, ValueList<HostPort> ports)
    {
        foreach (HostPort port in ports)
        {
            if (!_holders.TryGetValue(KeyOf(port), out TaskId holder) || holder != taskId) return false;
        }

        return true;
    }

    /// <summary>Gives up all that the task holds, also what an assignment of before gave it, and gives the tasks that may try again.</summary>
    public IReadOnlyList<TaskId> Release(TaskId taskId)
    {
        _waiting.Remove(taskId);
        (PortProtocol, int)[] held = [.. _holders.Where(port => port.Value == taskId).Select(port => port.Key)];
        foreach ((PortProtocol, int) port in held) _holders.Remove(port);
        return held.Length > 0 && _waiting.Count > 0 ? [.. _waiting] : [];
    }

    private static (PortProtocol, int) KeyOf(HostPort port) => (port.Protocol, port.PublishedPort);
}
