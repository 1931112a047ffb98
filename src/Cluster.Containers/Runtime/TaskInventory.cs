using Cluster.Agent.Runtime;
using Cluster.Containers.Containerd;
using Cluster.Containers.Files;
using Cluster.Containers.Logs;
using Cluster.Containers.Mounts;
using Cluster.Containers.Wire.Containers;
using Cluster.Containers.Wire.Leases;
using Cluster.Containers.Wire.Snapshots;
using Cluster.Containers.Wire.Tasks;
using Cluster.Model.Ids;
using Grpc.Core;

namespace Cluster.Containers.Runtime;

/// <summary>Finds everything that tasks have on this machine, in containerd's namespace and in the node's directories.</summary>
internal sealed class TaskInventory(ContainerdClient client, TaskCalls tasks, VolumeStore volumes, TaskFiles files, LogKeeper logs)
{
    public async Task<IReadOnlyList<RuntimeTask>> ListAsync(CancellationToken ct)
    {
        SortedDictionary<TaskId, RuntimeTask> found = [];
        foreach (string name in await NamesAsync(ct)) Note(found, name);
        foreach (Process process in await tasks.ListAsync(ct))
        {
            // The container's id is in Id here; ContainerId is empty in containerd's answer.
            if (!TryTaskId(process.Id, out TaskId taskId)) continue;
            RuntimeTaskState state = TaskCalls.StateOf(process.Status);
            found[taskId] = new RuntimeTask(taskId, state, (int)process.Pid, state == RuntimeTaskState.Stopped ? (int)process.ExitStatus : null);
        }

        return [.. found.Values];
    }

    public async Task<IReadOnlyList<Container>> ContainersAsync(CancellationToken ct)
    {
        List<Container> containers = [];
        using AsyncServerStreamingCall<ListContainerMessage> call = client.Containers.ListStream(new ListContainersRequest(), cancellationToken: ct);
        while (await call.ResponseStream.MoveNext(ct)) containers.Add(call.ResponseStream.Current.Container);
        return containers;
    }

    public async Task<IReadOnlyList<Info>> SnapshotsAsync(CancellationToken ct)
    {
        List<Info> snapshots = [];
        ListSnapshotsRequest request = new() { Snapshotter = ContainerdClient.Snapshotter };
        using AsyncServerStreamingCall<ListSnapshotsResponse> call = client.Snapshots.List(request, cancellationToken: ct);
        while (await call.ResponseStream.MoveNext(ct)) snapshots.AddRange(call.ResponseStream.Current.Info);
        return snapshots;
    }

    private async Task<List<string>> NamesAsync(CancellationToken ct)
    {
        List<string> names = [.. files.Names(), .. logs.Names(), .. volumes.AnonymousOwners()];
        names.AddRange((await ContainersAsync(ct)).Select(container => container.Id));
        names.AddRange((await SnapshotsAsync(ct)).Where(snapshot => snapshot.Kind == Kind.Active).Select(snapshot => snapshot.Name));
        foreach (Lease lease in (await client.Leases.ListAsync(new ListRequest(), cancellationToken: ct)).Leases)
        {
            if (lease.Id.StartsWith(ContainerMaker.LeasePrefix, StringComparison.Ordinal)) names.Add(lease.Id[ContainerMaker.LeasePrefix.Length..]);
        }

        return names;
    }

    private static void Note(SortedDictionary<TaskId, RuntimeTask> found, string name)
    {
        if (TryTaskId(name, out TaskId taskId)) found.TryAdd(taskId, new RuntimeTask(taskId, RuntimeTaskState.Absent, 0, null));
    }

    private static bool TryTaskId(string name, out TaskId taskId) => TaskId.TryParse(name, out taskId) && !taskId.IsNone;
}
