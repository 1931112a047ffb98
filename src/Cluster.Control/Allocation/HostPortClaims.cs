using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Allocation;

/// <summary>
/// A node's host-mode ports as rows: taken in the transaction that chooses the node, given back in the one that ends or deletes
/// the task. Ports published as 0 get the lowest free one of Swarm's dynamic range.
/// </summary>
internal static class HostPortClaims
{
    public const int FirstDynamic = 30_000;

    public const int LastDynamic = 32_767;

    public static IEnumerable<PortSpec> HostPorts(TaskTemplate template) => template.Ports.Where(static p => p.Mode == PublishMode.Host);

    /// <summary>The claims that the task really holds.</summary>
    public static IEnumerable<PortClaim> Of(StoreView view, TaskRecord task)
    {
        if (task.NodeId.IsNone) yield break;
        foreach (HostPort port in task.HostPorts)
        {
            if (view.GetPortClaim(new(task.NodeId, port.Protocol, port.PublishedPort)) is { } claim && claim.TaskId == task.Id) yield return claim;
        }
    }

    /// <summary>
    /// The ports that the template would get on the node, in its order; or null and the first port that is not free (published
    /// port 0: the dynamic range is used up).
    /// </summary>
    public static ValueList<HostPort>? Choose(StoreView view, NodeId node, IReadOnlyList<PortSpec> wanted, out PortSpec? taken)
    {
        taken = null;
        if (wanted.Count == 0) return [];
        HostPort[] chosen = new HostPort[wanted.Count];
        for (int i = 0; i < chosen.Length; i++)
        {
            PortSpec port = wanted[i];
            if (port.PublishedPort == 0) continue;
            if (view.GetPortClaim(new(node, port.Protocol, port.PublishedPort)) is not null || IsChosen(chosen, i, port.Protocol, port.PublishedPort))
            {
                taken = port;
                return null;
            }

            chosen[i] = new(port.Protocol, port.TargetPort, port.PublishedPort);
        }

        for (int i = 0; i < chosen.Length; i++)
        {
            PortSpec port = wanted[i];
            if (port.PublishedPort != 0) continue;
            int free = FirstDynamic;
            while (free <= LastDynamic
                && (view.GetPortClaim(new(node, port.Protocol, free)) is not null || IsChosen(chosen, chosen.Length, port.Protocol, free)))
            {
                free++;
            }

            if (free > LastDynamic)
            {
                taken = port;
                return null;
            }

            chosen[i] = new(port.Protocol, port.TargetPort, free);
        }

        return new([.. chosen]);
    }

    /// <summary>For transactions outside the kernel's passes.</summary>
    public static void Release(WorkingTransaction transaction, TaskRecord task)
    {
        foreach (PortClaim claim in Of(transaction, task)) transaction.DeletePortClaim(claim.Key);
    }

    private static bool IsChosen(HostPort[] chosen, int count, PortProtocol protocol, int port)
    {
        for (int i = 0; i < count; i++)
        {
            if (chosen[i].PublishedPort == port && chosen[i].Protocol == protocol) return true;
        }

        return false;
    }
}
