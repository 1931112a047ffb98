using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Store.Replication;

namespace Cluster.Simulation.Invariants;

/// <summary>What must hold of each committed change, and of the slots and nodes that it touches; and of all rows now and then.</summary>
internal sealed class RowChecks(SimulationWorld world)
{
    public void Check(StoreSnapshot before, ChangeBatch batch, StoreSnapshot state)
    {
        SortedSet<(ServiceId, int)> slots = [];
        SortedSet<NodeId> nodes = [];
        foreach (Change change in batch.Changes)
        {
            switch (change)
            {
                case { Table: Table.Tasks }:
                    TaskRecord task = (TaskRecord)change.Row;
                    CheckTask(batch, state, (TaskRecord?)change.Before, (TaskRecord?)change.After);
                    slots.Add((task.ServiceId, task.Slot));
                    if (!task.NodeId.IsNone) nodes.Add(task.NodeId);
                    break;
                case { Table: Table.Nodes }:
                    NodeRecord node = (NodeRecord)change.Row;
                    nodes.Add(node.Id);
                    Trace(batch, (NodeRecord?)change.Before, (NodeRecord?)change.After);
                    BreachException.Require(
                        !change.IsDeletion || batch.Changes.Any(c => c.After is RequestRecord), Breach.AcknowledgedLost, $"v{batch.Version} deletes node {Short.Of(node.Id)}, which nobody has removed");
                    if (change.After is not NodeRecord { Status.State: not NodeState.Down }) world.MachineChecks.NodeLost(before, node.Id);
                    foreach (TaskRecord held in state.TasksOfNode(node.Id)) slots.Add((held.ServiceId, held.Slot));
                    break;
                case { Table: Table.Services }:
                    CheckService(batch, (ServiceRecord?)change.Before, (ServiceRecord?)change.After);
                    break;
                case { Table: Table.PortClaims }:
                    nodes.Add(((PortClaim)change.Row).Key.NodeId);
                    break;
                case { Table: Table.Templates, After: null, Before: TaskTemplate gone }:
                    BreachException.Require(!state.IsTemplateUsed(gone.Id), Breach.RowsInconsistent, $"v{batch.Version} deletes a template that is used");
                    break;
            }
        }

        foreach ((ServiceId service, int slot) in slots) CheckSlot(state, service, slot);
        foreach (NodeId node in nodes) CheckNode(state, node);
    }

    public void CheckAll(StoreSnapshot state)
    {
        BreachException.Require(state.RequestCount <= world.Plan.Sequencer.MaxRequests, Breach.RowsInconsistent, $"v{state.Version} keeps {state.RequestCount} requests");
        foreach (var slot in state.Tasks.Select(t => (t.ServiceId, t.Slot)).Distinct()) CheckSlot(state, slot.ServiceId, slot.Slot);
        foreach (NodeId node in state.Tasks.Select(t => t.NodeId).Concat(state.Nodes.Select(n => n.Id)).Where(id => !id.IsNone).Distinct()) CheckNode(state, node);
        foreach (TaskRecord task in state.Tasks)
        {
            BreachException.Require(state.GetTemplate(task.Template) is not null, Breach.RowsInconsistent, $"the template of task {task.Id} is gone");
            BreachException.Require(state.GetService(task.ServiceId) is not null, Breach.RowsInconsistent, $"the service of task {task.Id} is gone");
        }

        foreach (ServiceRecord service in state.Services)
        {
            BreachException.Require(state.GetTemplate(service.Template) is not null, Breach.RowsInconsistent, $"the template of service {service.Spec.Name} is gone");
            BreachException.Require(state.FindServiceByName(service.Spec.Name)?.Id == service.Id, Breach.RowsInconsistent, $"service {service.Spec.Name} is not found by its name");
        }
    }

    private void CheckTask(ChangeBatch batch, StoreSnapshot state, TaskRecord? before, TaskRecord? after)
    {
        if (after is null)
        {
            world.Counts.Add($"transition: {before!.Status.State} to deleted");
            world.Trace.Line("task", $"v{batch.Version} {Short.Of(state, before)} deleted");
            return;
        }

        Short name = Short.Of(state, after);
        TaskState? from = before?.Status.State;
        if (from != after.Status.State) world.Counts.Add($"transition: {(from is { } f ? $"{f}" : "created")} to {after.Status.State}");
        if (before is not null && before.DesiredState != after.DesiredState) world.Counts.Add($"desired: {before.DesiredState} to {after.DesiredState}");
        world.Trace.Line(
            "task",
            $"v{batch.Version} {name} on {Short.Of(after.NodeId)}: {from?.ToString() ?? "created"} to {after.Status.State}, desired {after.DesiredState}, {after.Status.Message} {after.Status.Error}");
        BreachException.Require(state.GetTemplate(after.Template) is not null, Breach.RowsInconsistent, $"the template of task {name} is not there");
        if (before is null) return;
        BreachException.Require(after.Status.State >= before.Status.State, Breach.StateWentBack, $"v{batch.Version}: task {name} went from {before.Status.State} back to {after.Status.State}");
        BreachException.Require(
            !before.Status.State.IsTerminal() || after.Status.State == before.Status.State, Breach.StateWentBack, $"v{batch.Version}: task {name} ended as {before.Status.State} and again as {after.Status.State}");
        BreachException.Require(after.DesiredState >= before.DesiredState, Breach.StateWentBack, $"v{batch.Version}: task {name} is desired {after.DesiredState} after {before.DesiredState}");
        BreachException.Require(before.NodeId.IsNone || before.NodeId == after.NodeId, Breach.TaskMoved, $"v{batch.Version}: task {name} moved from node {Short.Of(before.NodeId)} to {Short.Of(after.NodeId)}");
        bool isSame = before.ServiceId == after.ServiceId && before.Slot == after.Slot && before.Template == after.Template && (before.NodeId.IsNone || before.HostPorts == after.HostPorts);
        BreachException.Require(isSame, Breach.TaskMoved, $"v{batch.Version}: task {name} changed its slot, template or ports");
    }

    private void CheckService(ChangeBatch batch, ServiceRecord? before, ServiceRecord? after)
    {
        world.Trace.Line("service", $"v{batch.Version} {(after ?? before)!.Spec.Name}: {(after is null ? "deleted" : $"{after.Spec.Replicas} replicas{(after.Removing ? ", removing" : "")}")}");
        if (after is null)
        {
            BreachException.Require(before!.Removing, Breach.AcknowledgedLost, $"v{batch.Version} deletes service {before.Spec.Name}, which nobody has removed");
            return;
        }

        bool isAsked = before is not null && before.Spec == after.Spec && before.Removing == after.Removing;
        BreachException.Require(
            isAsked || batch.Changes.Any(c => c.After is RequestRecord), Breach.AcknowledgedLost, $"v{batch.Version} by {batch.Actor} changes service {after.Spec.Name}, which nobody has asked for");
        BreachException.Require(before is not { Removing: true } || after.Removing, Breach.AcknowledgedLost, $"service {after.Spec.Name} is no longer being removed");
    }

    private void Trace(ChangeBatch batch, NodeRecord? before, NodeRecord? after)
    {
        NodeRecord row = (after ?? before)!;
        if (before?.Status.State != after?.Status.State) world.Counts.Add($"node: {before?.Status.State.ToString() ?? "created"} to {after?.Status.State.ToString() ?? "deleted"}");
        world.Trace.Line("node", $"v{batch.Version} {row.Description.Hostname} {Short.Of(row.Id)}: {after?.Status.State.ToString() ?? "deleted"}, {row.Spec.Availability}");
    }

    /// <summary>
    /// At most one task that is meant to run now or later; and at most one that lives where somebody could see it: meant to run, not ended,
    /// without a node or on one that is there and not down.
    /// </summary>
    private static void CheckSlot(StoreSnapshot state, ServiceId service, int slot)
    {
        int current = 0;
        int alive = 0;
        foreach (TaskRecord task in state.TasksOfSlot(service, slot))
        {
            if (task.DesiredState <= TaskState.Running) current++;
            bool isReachable = task.NodeId.IsNone || state.GetNode(task.NodeId) is { Status.State: not NodeState.Down };
            if (task.DesiredState == TaskState.Running && !task.Status.State.IsTerminal() && isReachable) alive++;
        }

        BreachException.Require(current <= 1 && alive <= 1, Breach.SlotTwice, $"v{state.Version}: slot {slot} of {state.GetService(service)?.Spec.Name} has {current} tasks that are to run, {alive} of them live");
    }

    private static void CheckNode(StoreSnapshot state, NodeId id)
    {
        long cpus = 0;
        long memory = 0;
        HashSet<(PortProtocol, int)> ports = [];
        foreach (TaskRecord task in state.TasksOfNode(id))
        {
            if (task.Status.State.IsTerminal()) continue;
            var reserved = state.GetTemplate(task.Template)?.Resources.Reservations ?? default;
            (cpus, memory) = (cpus + reserved.NanoCpus, memory + reserved.MemoryBytes);
            foreach (HostPort port in task.HostPorts)
            {
                BreachException.Require(ports.Add((port.Protocol, port.PublishedPort)), Breach.PortTwice, $"v{state.Version}: port {port.PublishedPort} of node {Short.Of(id)} has two tasks");
                BreachException.Require(
                    state.GetPortClaim(new PortClaimKey(id, port.Protocol, port.PublishedPort))?.TaskId == task.Id,
                    Breach.PortTwice,
                    $"v{state.Version}: port {port.PublishedPort} of node {Short.Of(id)} is not claimed by its task {Short.Of(task.Id)}");
            }
        }

        foreach (PortClaim claim in state.PortClaimsOfNode(id))
        {
            bool isHeld = state.GetTask(claim.TaskId) is { } task && task.NodeId == id && !task.Status.State.IsTerminal();
            BreachException.Require(isHeld, Breach.PortTwice, $"v{state.Version}: port {claim.Key.Port} of node {Short.Of(id)} is claimed by task {Short.Of(claim.TaskId)}, which has ended or is gone");
        }

        if (state.GetNode(id) is not { } node) return;
        var has = node.Description.Resources;
        BreachException.Require(
            cpus <= has.NanoCpus && memory <= has.MemoryBytes,
            Breach.Overcommitted,
            $"v{state.Version}: node {Short.Of(id)} has {has.NanoCpus} ncpu, {has.MemoryBytes} bytes; {cpus} and {memory} are reserved");
    }
}
