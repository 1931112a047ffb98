using Cluster.Agent.Runtime;
using Cluster.Containers.Containerd;
using Cluster.Containers.Wire.Images;
using Cluster.Containers.Wire.Leases;
using Cluster.Containers.Wire.Namespaces;
using Cluster.Containers.Wire.Snapshots;
using Grpc.Core;

namespace Cluster.Containers.Runtime;

/// <summary>Removes all that a node has in containerd and on disk, for leaving a cluster.</summary>
internal sealed class NamespaceCleaner(ContainerdPaths paths, ContainerdClient client, ContainerdRuntime runtime, TaskInventory inventory, Cgroups cgroups)
{
    /// <summary>What is in containerd: tasks first, then what nothing refers to any more.</summary>
    public async Task CleanAsync(CancellationToken ct)
    {
        foreach (RuntimeTask task in await runtime.ListAsync(ct))
        {
            await runtime.RemoveAsync(task.TaskId, ct);
            await runtime.RemoveLogsAsync(task.TaskId, ct);
        }

        try
        {
            foreach (Image image in (await client.Images.ListAsync(new ListImagesRequest(), cancellationToken: ct)).Images)
            {
                await client.Images.DeleteAsync(new DeleteImageRequest { Name = image.Name }, cancellationToken: ct);
            }

            await RemoveSnapshotsAsync(ct);
            CreateRequest lease = new() { Id = "last-collection" };
            await client.Leases.CreateAsync(lease, cancellationToken: ct);
            await client.Leases.DeleteAsync(new DeleteRequest { Id = lease.Id, Sync = true }, cancellationToken: ct); // waits for a collection
            await client.Namespaces.DeleteAsync(new DeleteNamespaceRequest { Name = client.Namespace }, cancellationToken: ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e) || e.StatusCode == StatusCode.FailedPrecondition)
        {
            // The namespace is not empty while its blobs are being collected, or was never used: it costs nothing.
        }
        catch (RpcException e)
        {
            ct.ThrowIfCancellationRequested();
            throw ContainerdFailure.Of("remove all that this node has in containerd", e);
        }

        cgroups.RemoveAll();
    }

    /// <summary>What is on disk; of containerd's own files only after it has ended, and not of one that is not ours.</summary>
    public void RemoveDirectories()
    {
        List<string> directories = [paths.Tasks, paths.TaskLogs, paths.Volumes];
        if (PeerProcess.Listening(paths.Socket) == 0) directories.Add(paths.ContainerdRoot);
        foreach (string directory in directories)
        {
            if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Children go before their parents: a snapshot with children refuses, so again until none is left or nothing helps.</summary>
    private async Task RemoveSnapshotsAsync(CancellationToken ct)
    {
        int before = int.MaxValue;
        for (IReadOnlyList<Info> left = await inventory.SnapshotsAsync(ct); left.Count > 0 && left.Count < before; left = await inventory.SnapshotsAsync(ct))
        {
            before = left.Count;
            foreach (Info snapshot in left.Where(candidate => !left.Any(other => string.Equals(other.Parent, candidate.Name, StringComparison.Ordinal))))
            {
                RemoveSnapshotRequest request = new() { Snapshotter = ContainerdClient.Snapshotter, Key = snapshot.Name };
                await client.Snapshots.RemoveAsync(request, cancellationToken: ct);
            }
        }
    }
}
