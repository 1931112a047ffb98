using Cluster.Model.Ids;
using Cluster.Model.Objects;

namespace Cluster.Model.Hashing;

/// <summary>
/// Digests by which an agent and a manager find out whether they hold the same assignments. Both sides compute them with this code.
/// </summary>
public static class AssignmentDigest
{
    /// <summary>Bytes of the digest of one assignment and of a set that is not empty.</summary>
    public const int Bytes = CanonicalHash.Bytes;

    /// <summary>
    /// 32 bytes over all that the agent acts on. Not over the observed state, which the agent itself reports: it would change the
    /// digest with every report. The template is covered by its id.
    /// </summary>
    public static byte[] Of(TaskAssignment assignment)
    {
        using CanonicalHash hash = new("cluster.assignment.1");
        hash.Add(assignment.TaskId.Value);
        hash.Add(assignment.ServiceId.Value);
        hash.Add(assignment.ServiceName);
        hash.Add(assignment.ServiceLabels);
        hash.Add((long)assignment.Slot);
        hash.Add(assignment.Template.Id.Value);
        hash.Add((long)assignment.DesiredState);
        hash.Add((long)assignment.HostPorts.Count);
        foreach (HostPort port in assignment.HostPorts)
        {
            hash.Add((long)port.Protocol);
            hash.Add((long)port.TargetPort);
            hash.Add((long)port.PublishedPort);
        }

        return hash.Finish();
    }

    /// <summary>32 bytes over the items, which come in ascending order of task ids, each once; no bytes for the empty set.</summary>
    public static byte[] OfSet(IEnumerable<(TaskId TaskId, byte[] Digest)> items)
    {
        using CanonicalHash hash = new("cluster.assignments.1");
        TaskId previous = default;
        foreach ((TaskId taskId, byte[] digest) in items)
        {
            Invariant.Check(taskId.CompareTo(previous) > 0, "the items of an assignment set come in ascending order of task ids");
            previous = taskId;
            hash.Add(taskId.Value);
            hash.Add(digest);
        }

        return previous.IsNone ? [] : hash.Finish();
    }
}
