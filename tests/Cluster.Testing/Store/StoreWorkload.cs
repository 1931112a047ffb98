using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;
using Cluster.Store;

namespace Cluster.Testing.Store;

/// <summary>Random valid changes of every table, from a seed. Ids are small, so that the same rows are met again and again.</summary>
public sealed class StoreWorkload(Random random)
{
    private const int Ids = 60;

    public void Change(WorkingTransaction transaction, int changes)
    {
        for (int i = 0; i < changes; i++) Change(transaction);
    }

    private void Change(WorkingTransaction tx)
    {
        ulong id = (ulong)random.Next(1, Ids);
        switch (random.Next(14))
        {
            case 0: tx.Put(StoreRows.Cluster() with { Spec = new() { TaskHistoryLimit = random.Next(1, 4) } }); break;
            case 1: tx.Put(StoreRows.Node(id) with { Spec = new() { Availability = (NodeAvailability)random.Next(3) } }); break;
            case 2: tx.DeleteNode(new(id)); break;
            case 3: tx.Put(StoreRows.Service(id, template: (ulong)random.Next(1, 4))); break;
            case 4: tx.DeleteService(new(id)); break;
            case 5: tx.Put(StoreRows.Template(id) with { ForceUpdate = random.Next(3) }); break;
            case 6: tx.DeleteTemplate(new(id)); break;
            case 7 or 8 or 9: PutTask(tx, id); break;
            case 10: tx.DeleteTask(new(id)); break;
            case 11: Claim(tx, id); break;
            case 12: tx.Put(StoreRows.History(id % 5 + 1, (int)id, random.Next(100))); break;
            default: tx.DeleteRestartHistory(new(new(id % 5 + 1), (int)id, default)); break;
        }
    }

    private void PutTask(WorkingTransaction tx, ulong id)
    {
        TaskState[] states = [TaskState.New, TaskState.Pending, TaskState.Running, TaskState.Failed];
        tx.Put(StoreRows.Task(id, (ulong)random.Next(1, 5), random.Next(1, 8), (ulong)random.Next(4), states[random.Next(states.Length)], (ulong)random.Next(1, 4)) with
        {
            StartAfter = new ClusterTime(random.Next(3)),
            HostPorts = random.Next(3) == 0 ? [new HostPort(PortProtocol.Udp, 53, random.Next(1, 9))] : ValueList.Create<HostPort>([]),
        });
    }

    private void Claim(WorkingTransaction tx, ulong id)
    {
        PortClaimKey key = new(new NodeId(id % 4 + 1), PortProtocol.Tcp, random.Next(1, 6));
        if (tx.GetPortClaim(key) is not null) tx.DeletePortClaim(key);
        if (random.Next(4) > 0) tx.Put(new PortClaim(key, new(id)));
    }
}
