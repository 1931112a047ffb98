using Cluster.Containers.Containerd;
using Cluster.Containers.Wire.Diff;
using Cluster.Containers.Wire.Leases;
using Cluster.Containers.Wire.Snapshots;
using Cluster.Containers.Wire.Types;
using Grpc.Core;

namespace Cluster.Containers.Images;

/// <summary>
/// Turns the layers of an image into snapshots, one on the other, named by their chain ids; what is there already is used. Under a lease:
/// what a failed run leaves goes with it. One run at a time.
/// </summary>
internal sealed class LayerUnpacker(ContainerdClient client)
{
    public async Task UnpackAsync(ImageLayers image, string leaseId, CancellationToken ct)
    {
        IReadOnlyList<string> chainIds = BlobDigest.ChainIds(image.DiffIds);
        string parent = "";
        for (int i = 0; i < chainIds.Count; i++)
        {
            if (!await IsThereAsync(chainIds[i], leaseId, ct)) await ExtractAsync(image.Layers[i], image.DiffIds[i], parent, chainIds[i], leaseId, ct);
            parent = chainIds[i];
        }
    }

    private async Task<bool> IsThereAsync(string chainId, string leaseId, CancellationToken ct)
    {
        try
        {
            StatSnapshotRequest request = new() { Snapshotter = ContainerdClient.Snapshotter, Key = chainId };
            await client.Snapshots.StatAsync(request, cancellationToken: ct);
            Resource held = new() { Id = chainId, Type = "snapshots/" + ContainerdClient.Snapshotter };
            await client.Leases.AddResourceAsync(new AddResourceRequest { Id = leaseId, Resource = held }, cancellationToken: ct);
            return true;
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            return false;
        }
    }

    private async Task ExtractAsync(DescriptorDocument layer, string diffId, string parent, string chainId, string leaseId, CancellationToken ct)
    {
        string key = "extract-" + chainId;
        await RemoveAsync(key, ct); // of a run that was interrupted
        Metadata headers = ContainerdClient.UnderLease(leaseId);
        PrepareSnapshotRequest prepare = new() { Snapshotter = ContainerdClient.Snapshotter, Key = key, Parent = parent };
        PrepareSnapshotResponse prepared = await client.Snapshots.PrepareAsync(prepare, headers, cancellationToken: ct);
        try
        {
            ApplyRequest apply = new() { Diff = new OciDescriptor { MediaType = layer.MediaType ?? "", Digest = layer.Digest!, Size = layer.Size } };
            apply.Mounts.AddRange(prepared.Mounts);
            ApplyResponse applied = await client.Diff.ApplyAsync(apply, headers, cancellationToken: ct);
            if (!string.Equals(applied.Applied.Digest, diffId, StringComparison.Ordinal))
            {
                throw new ImageFormatException($"the layer {layer.Digest} unpacks to {applied.Applied.Digest}, the image's configuration says {diffId}");
            }

            CommitSnapshotRequest commit = new() { Snapshotter = ContainerdClient.Snapshotter, Key = key, Name = chainId };
            await client.Snapshots.CommitAsync(commit, headers, cancellationToken: ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsAlreadyThere(e))
        {
            await RemoveAsync(key, ct);
        }
    }

    private async Task RemoveAsync(string key, CancellationToken ct)
    {
        try
        {
            await client.Snapshots.RemoveAsync(new RemoveSnapshotRequest { Snapshotter = ContainerdClient.Snapshotter, Key = key }, cancellationToken: ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            // The usual case.
        }
    }
}
