using Cluster.Agent.Runtime;
using Cluster.Containers.Containerd;
using Cluster.Containers.Files;
using Cluster.Containers.Images;
using Cluster.Containers.Logs;
using Cluster.Containers.Mounts;
using Cluster.Containers.Runtime;
using Cluster.Containers.Spec;
using Microsoft.Extensions.Logging;

namespace Cluster.Containers;

/// <summary>
/// A node's containers: a supervised containerd, its images, and the runtime on it. <see cref="RunAsync"/> must run for all of them; ending
/// it leaves containerd and the containers running, and the next engine with the same options takes them up again.
/// </summary>
public sealed class ContainerEngine : IDisposable
{
    private static readonly TimeSpan AdoptRetryPeriod = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _timeProvider;
    private readonly ContainerdPaths _paths;
    private readonly ContainerdClient _client;
    private readonly ContainerdSupervisor _supervisor;
    private readonly ImageStore _images;
    private readonly VolumeStore _volumes;
    private readonly LogKeeper _logs;
    private readonly ContainerdRuntime _runtime;
    private readonly NamespaceCleaner _cleaner;

    /// <exception cref="ArgumentException">A path is not absolute, or too long for a socket.</exception>
    public ContainerEngine(ContainerEngineOptions options, TimeProvider timeProvider, ILoggerFactory loggers)
    {
        _timeProvider = timeProvider;
        _paths = new ContainerdPaths(options);
        _client = new ContainerdClient(_paths.Socket, options.Namespace);
        _supervisor = new ContainerdSupervisor(options, _paths, _client, timeProvider, loggers.CreateLogger<ContainerdSupervisor>());
        HostFacts host = HostFactsReader.Read();
        BlobStore blobs = new(_client);
        ImageReader reader = new(blobs, host.Architecture);
        _images = new ImageStore(_client, blobs, reader, new LayerUnpacker(_client), timeProvider, loggers.CreateLogger<ImageStore>());
        _volumes = new VolumeStore(_paths.Volumes);
        _logs = new LogKeeper(_paths.TaskLogs, timeProvider, loggers.CreateLogger<LogKeeper>());
        TaskFiles files = new(_paths.Tasks);
        TaskCalls tasks = new(_client);
        Cgroups cgroups = new(options.Namespace, host.IsCgroupV2);
        TaskInventory inventory = new(_client, tasks, _volumes, files, _logs);
        ContainerMaker maker = new(_paths, _client, _images, _volumes, files, _logs, cgroups, host, timeProvider, loggers.CreateLogger<ContainerMaker>());
        int parallelStarts = options.ParallelStarts > 0 ? options.ParallelStarts : 2 * Environment.ProcessorCount;
        _runtime = new ContainerdRuntime(
            _client, maker, tasks, inventory, _volumes, files, _logs, cgroups, parallelStarts, timeProvider, loggers.CreateLogger<ContainerdRuntime>());
        _cleaner = new NamespaceCleaner(_paths, _client, _runtime, inventory, cgroups);
    }

    public IContainerRuntime Runtime => _runtime;

    public IImageStore Images => _images;

    /// <summary>Completes as soon as containerd answers.</summary>
    public Task WaitReadyAsync(CancellationToken ct) => _supervisor.WaitReadyAsync(ct);

    /// <summary>Supervises containerd and stores the containers' output until cancelled, or until containerd was shut down for good.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] parts = [_supervisor.RunAsync(ending.Token), KeepLogsAsync(ending.Token)];
        await Task.WhenAny(parts);
        await ending.CancelAsync();
        try
        {
            await Task.WhenAll(parts);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested && parts[0].IsCompletedSuccessfully)
        {
            // Shut down: the logs ended with it.
        }
    }

    /// <summary>
    /// For leaving a cluster: removes every container, image, log and volume of this node, and ends a containerd of its own with all that it
    /// stored. Containerd must answer; ends <see cref="RunAsync"/>.
    /// </summary>
    public async Task DestroyAsync(CancellationToken ct)
    {
        await _cleaner.CleanAsync(ct);
        await _supervisor.ShutDownAsync(ct);
        _cleaner.RemoveDirectories();
    }

    /// <summary>Ends this node's own containerd and keeps what it stored; running containers lose their keeper, so remove them before.</summary>
    public Task ShutDownAsync(CancellationToken ct) => _supervisor.ShutDownAsync(ct);

    public void Dispose()
    {
        _logs.Dispose();
        _runtime.Dispose();
        _images.Dispose();
        _volumes.Dispose();
        _client.Dispose();
    }

    private async Task KeepLogsAsync(CancellationToken ct)
    {
        await AdoptLogsAsync(ct);
        await _logs.RunAsync(ct);
    }

    private async Task AdoptLogsAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await _supervisor.WaitReadyAsync(ct);
                await _runtime.AdoptLogsAsync(ct);
                return;
            }
            catch (RuntimeException e) when (e.IsTemporary)
            {
                await Task.Delay(AdoptRetryPeriod, _timeProvider, ct); // containerd went away just now
            }
        }
    }
}
