using Cluster.Rpc;
using Grpc.Core;
using ContainersClient = Cluster.Containers.Wire.Containers.Containers.ContainersClient;
using ContentClient = Cluster.Containers.Wire.Content.Content.ContentClient;
using DiffClient = Cluster.Containers.Wire.Diff.Diff.DiffClient;
using EventsClient = Cluster.Containers.Wire.Events.Events.EventsClient;
using ImagesClient = Cluster.Containers.Wire.Images.Images.ImagesClient;
using LeasesClient = Cluster.Containers.Wire.Leases.Leases.LeasesClient;
using NamespacesClient = Cluster.Containers.Wire.Namespaces.Namespaces.NamespacesClient;
using SnapshotsClient = Cluster.Containers.Wire.Snapshots.Snapshots.SnapshotsClient;
using TasksClient = Cluster.Containers.Wire.Tasks.Tasks.TasksClient;
using VersionClient = Cluster.Containers.Wire.Version.Version.VersionClient;

namespace Cluster.Containers.Containerd;

/// <summary>containerd's services over one connection, in one of its namespaces. Safe for use by any thread.</summary>
internal sealed class ContainerdClient : IDisposable
{
    private readonly RpcChannel _channel;

    public ContainerdClient(string socketPath, string containerNamespace)
    {
        Namespace = containerNamespace;
        _channel = new RpcChannel(new RpcChannelOptions
        {
            Address = RpcAddress.Unix(socketPath),
            DefaultMetadata = new Metadata { { "containerd-namespace", containerNamespace } },
            MaxReceiveMessageBytes = 64 << 20,
        });
        CallInvoker calls = _channel.CreateCallInvoker();
        Containers = new ContainersClient(calls);
        Content = new ContentClient(calls);
        Diff = new DiffClient(calls);
        Events = new EventsClient(calls);
        Images = new ImagesClient(calls);
        Leases = new LeasesClient(calls);
        Namespaces = new NamespacesClient(calls);
        Snapshots = new SnapshotsClient(calls);
        Tasks = new TasksClient(calls);
        Version = new VersionClient(calls);
    }

    /// <summary>Snapshots of images and containers are overlays.</summary>
    public const string Snapshotter = "overlayfs";

    public string Namespace { get; }

    public ContainersClient Containers { get; }

    public ContentClient Content { get; }

    public DiffClient Diff { get; }

    public EventsClient Events { get; }

    public ImagesClient Images { get; }

    public LeasesClient Leases { get; }

    public NamespacesClient Namespaces { get; }

    public SnapshotsClient Snapshots { get; }

    public TasksClient Tasks { get; }

    public VersionClient Version { get; }

    /// <summary>What is made by calls with this header is kept until the lease is deleted.</summary>
    public static Metadata UnderLease(string leaseId) => new() { { "containerd-lease", leaseId } };

    public void Dispose() => _channel.Dispose();
}
