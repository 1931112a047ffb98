using System.Globalization;
using Cluster.Agent.Runtime;
using Cluster.Containers.Containerd;
using Cluster.Containers.Files;
using Cluster.Containers.Images;
using Cluster.Containers.Logs;
using Cluster.Containers.Mounts;
using Cluster.Containers.Spec;
using Cluster.Containers.Wire.Containers;
using Cluster.Containers.Wire.Leases;
using Cluster.Containers.Wire.Snapshots;
using Cluster.Containers.Wire.Tasks;
using Cluster.Model.Ids;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using WireMount = Cluster.Containers.Wire.Types.Mount;

namespace Cluster.Containers.Runtime;

/// <summary>
/// Makes everything up to a created task, step by step; every step accepts what an earlier, interrupted run has left. The snapshot hangs on
/// a lease of the task until the task is removed.
/// </summary>
internal sealed partial class ContainerMaker(
    ContainerdPaths paths, ContainerdClient client, ImageStore images, VolumeStore volumes, TaskFiles files, LogKeeper logs, Cgroups cgroups,
    HostFacts host, TimeProvider timeProvider, ILogger<ContainerMaker> logger)
{
    public const string LeasePrefix = "task-";

    private const string SpecType = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

    private readonly UserLookup _users = new();

    public async Task MakeAsync(ContainerPlan plan, CancellationToken ct)
    {
        string id = plan.TaskId.ToString();
        LogPolicy? logPolicy = LogPolicy.Of(plan.LogDriver);
        _ = Signals.Parse(plan.Container.StopSignal); // refused now rather than when it is needed
        ImageLayers image = await images.FindAsync(plan.Container.Image, ct);
        MountPlan mountPlan = MountPlan.Of(plan.TaskId, plan.Container, image.Config, Path.Exists);
        RepeatedField<WireMount> root = await PrepareRootAsync(id, image, ct);
        OverlayMount overlay = OverlayMount.Of(root);
        files.MakeDirectory(plan.TaskId);
        OciSpecInput input = new()
        {
            Plan = plan,
            Image = image.Config,
            User = await UserAsync(plan, image, overlay),
            Host = host,
            CgroupsPath = cgroups.PathOf(plan.TaskId),
            Mounts = [],
        };
        List<OciMount> mounts = [.. mountPlan.Mounts];
        foreach (VolumeUse volume in mountPlan.Volumes)
        {
            string source = await volumes.EnsureAsync(volume.Name, volume.Target, volume.Copies, overlay, files.MountPoint(plan.TaskId), ct);
            mounts.Add(MountPlan.Of(volume, source));
        }

        IReadOnlyList<OciMount> own = files.Write(plan, OciSpecBuilder.Hostname(input));
        mounts.AddRange(own.Where(file => !mounts.Exists(mount => mount.Destination.Equals(file.Destination, StringComparison.Ordinal))));
        OciSpec spec = OciSpecBuilder.Build(input with { Mounts = mounts });
        ReportClamped(plan);
        await CreateContainerAsync(plan, image, logPolicy, spec, ct);
        await CreateTaskAsync(plan, logPolicy, root, ct);
    }

    private async Task<ResolvedUser> UserAsync(ContainerPlan plan, ImageLayers image, OverlayMount overlay)
    {
        string user = plan.Container.User is { Length: > 0 } given ? given : image.Config.User;
        if (image.ChainId.Length == 0 && user.Length == 0) return ResolvedUser.Root;
        return await _users.ResolveAsync(image, overlay, files.MountPoint(plan.TaskId), user, plan.Container.Groups);
    }

    private async Task<RepeatedField<WireMount>> PrepareRootAsync(string id, ImageLayers image, CancellationToken ct)
    {
        try
        {
            await client.Leases.CreateAsync(new CreateRequest { Id = LeasePrefix + id }, cancellationToken: ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsAlreadyThere(e))
        {
            // Of an earlier run.
        }

        try
        {
            return await PrepareSnapshotAsync(id, image, ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsNotFound(e))
        {
            await images.UnpackAsync(image, ct);
            return await PrepareSnapshotAsync(id, image, ct);
        }
    }

    private async Task<RepeatedField<WireMount>> PrepareSnapshotAsync(string id, ImageLayers image, CancellationToken ct)
    {
        try
        {
            PrepareSnapshotRequest request = new() { Snapshotter = ContainerdClient.Snapshotter, Key = id, Parent = image.ChainId };
            return (await client.Snapshots.PrepareAsync(request, ContainerdClient.UnderLease(LeasePrefix + id), cancellationToken: ct)).Mounts;
        }
        catch (RpcException e) when (ContainerdFailure.IsAlreadyThere(e))
        {
            MountsRequest request = new() { Snapshotter = ContainerdClient.Snapshotter, Key = id };
            return (await client.Snapshots.MountsAsync(request, cancellationToken: ct)).Mounts;
        }
    }

    private async Task CreateContainerAsync(ContainerPlan plan, ImageLayers image, LogPolicy? logPolicy, OciSpec spec, CancellationToken ct)
    {
        string id = plan.TaskId.ToString();
        Container container = new()
        {
            Id = id,
            Image = ImageName.Normalize(plan.Container.Image).Name,
            Runtime = new Container.Types.Runtime { Name = "io.containerd.runc.v2", Options = RuncOptions() },
            Spec = new Any { TypeUrl = SpecType, Value = UnsafeByteOperations.UnsafeWrap(spec.ToJson()) },
            Snapshotter = ContainerdClient.Snapshotter,
            SnapshotKey = id,
        };
        container.Labels[ContainerLabels.Service] = plan.ServiceId.ToString();
        container.Labels[ContainerLabels.Name] = plan.TaskName;
        container.Labels[ContainerLabels.StopSignal] = image.Config.StopSignal;
        if (logPolicy is not null)
        {
            container.Labels[ContainerLabels.LogSegmentBytes] = logPolicy.SegmentBytes.ToString(CultureInfo.InvariantCulture);
            container.Labels[ContainerLabels.LogTotalBytes] = logPolicy.TotalBytes.ToString(CultureInfo.InvariantCulture);
        }

        try
        {
            await client.Containers.CreateAsync(new CreateContainerRequest { Container = container }, cancellationToken: ct);
        }
        catch (RpcException e) when (ContainerdFailure.IsAlreadyThere(e))
        {
            // Of a run that ended before it had a task (the caller looked): its specification may be of another boot.
            await client.Containers.DeleteAsync(new DeleteContainerRequest { Id = id }, cancellationToken: ct);
            await client.Containers.CreateAsync(new CreateContainerRequest { Container = container }, cancellationToken: ct);
        }
    }

    private async Task CreateTaskAsync(ContainerPlan plan, LogPolicy? logPolicy, RepeatedField<WireMount> root, CancellationToken ct)
    {
        CreateTaskRequest request = new() { ContainerId = plan.TaskId.ToString(), Terminal = plan.Container.Tty, Options = RuncOptions() };
        request.Rootfs.AddRange(root);
        if (logPolicy is not null)
        {
            logs.Attach(plan.TaskId, logPolicy);
            request.Stdout = logs.Files(plan.TaskId).Stdout;
            request.Stderr = plan.Container.Tty ? "" : logs.Files(plan.TaskId).Stderr;
        }

        using LingeringToken lingering = new(timeProvider, ct);
        try
        {
            await client.Tasks.CreateAsync(request, cancellationToken: lingering.Token);
        }
        catch (RpcException e) when (ContainerdFailure.IsAlreadyThere(e))
        {
            // Made by a call whose answer was lost.
        }
    }

    private Any RuncOptions() => new()
    {
        TypeUrl = "containerd.runc.v1.Options",
        Value = new Wire.Runc.Options { Root = paths.RuncRoot }.ToByteString(),
    };

    private void ReportClamped(ContainerPlan plan)
    {
        foreach (string limit in ProcessLimits.Clamped(plan.Container.Ulimits, host)) LogClamped(plan.TaskId, "ulimit " + limit);
        if (plan.Container.OomScoreAdj < host.LowestOomScoreAdj)
        {
            LogClamped(plan.TaskId, string.Create(CultureInfo.InvariantCulture, $"oom-score-adj {plan.Container.OomScoreAdj} to {host.LowestOomScoreAdj}"));
        }
    }
}
