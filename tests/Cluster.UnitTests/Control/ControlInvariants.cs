using Cluster.Control;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Store;
using Xunit;

namespace Cluster.UnitTests.Control;

/// <summary>What must hold in every state, and between any two.</summary>
internal static class ControlInvariants
{
    public static void Check(StoreView view)
    {
        HashSet<(ServiceId, int)> current = [];
        SortedDictionary<NodeId, Resources> reserved = [];
        foreach (TaskRecord task in view.Tasks)
        {
            if (task.DesiredState <= TaskState.Running) Assert.True(current.Add((task.ServiceId, task.Slot)), $"slot {task.Slot} has two current tasks");
            Assert.NotNull(view.GetTemplate(task.Template));
            Assert.NotNull(view.GetService(task.ServiceId));
            Assert.Equal(task.NodeId.IsNone, task.Status.State < TaskState.Assigned);
            bool holds = !task.NodeId.IsNone && !task.Status.State.IsTerminal();
            foreach (HostPort port in task.HostPorts)
            {
                PortClaim? claim = view.GetPortClaim(new(task.NodeId, port.Protocol, port.PublishedPort));
                Assert.Equal(holds, claim?.TaskId == task.Id);
            }

            if (holds) reserved[task.NodeId] = reserved.GetValueOrDefault(task.NodeId) + view.GetTemplate(task.Template)!.Resources.Reservations;
        }

        foreach (PortClaim claim in view.PortClaims)
        {
            TaskRecord task = view.GetTask(claim.TaskId)!;
            Assert.Equal(claim.Key.NodeId, task.NodeId);
            Assert.Contains(task.HostPorts, p => p.PublishedPort == claim.Key.Port && p.Protocol == claim.Key.Protocol);
        }

        foreach ((NodeId id, Resources sum) in reserved)
        {
            if (view.GetNode(id) is not { } node) continue;
            Assert.True(sum.NanoCpus <= node.Description.Resources.NanoCpus && sum.MemoryBytes <= node.Description.Resources.MemoryBytes, $"node {id} is overcommitted");
        }

        Assert.All(view.Templates, t => Assert.True(view.IsTemplateUsed(t.Id) || view is WorkingTransaction));
    }

    public static void CheckStep(StoreView before, StoreView after)
    {
        foreach (TaskRecord old in before.Tasks)
        {
            if (after.GetTask(old.Id) is not { } task || ReferenceEquals(task, old)) continue;
            Assert.True(task.Status.State >= old.Status.State, $"task {old.Id} went back from {old.Status.State} to {task.Status.State}");
            Assert.True(task.DesiredState >= old.DesiredState, $"task {old.Id} is wanted again");
            Assert.True(old.NodeId.IsNone || old.NodeId == task.NodeId, $"task {old.Id} changed its node");
        }
    }

    public static void CheckCaches(Kernel kernel, StoreView view)
    {
        if (!kernel.IsBuilt) return;
        Assert.Equal(view.Version, kernel.Version);
        Kernel fresh = new();
        fresh.Rebuild(view);
        Assert.Equal(fresh.CacheFingerprint(), kernel.CacheFingerprint());
    }
}
