using Cluster.Agent.Hosting;
using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Containers;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Network;
using Cluster.Node.Roles;
using Cluster.Rpc;
using Microsoft.Extensions.Logging;

namespace Cluster.Daemon.Wiring;

/// <summary>The agent role on this machine's containers and network.</summary>
internal sealed class RunningAgent : IAgentRole
{
    /// <summary>A complete set of assignments, about 1 KiB a task.</summary>
    private const int MaxMessageBytes = 64 << 20;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(3);

    // A connection goes on with the certificate that it began with; a younger one shows the renewed.
    private static readonly TimeSpan MaxConnectionAge = TimeSpan.FromHours(1);

    private readonly ContainerEngine _engine;
    private readonly BridgeNetworkPlane _network;
    private readonly AgentHost _host;
    private readonly CancellationTokenSource _stopping = new();

    public RunningAgent(AgentRoleSettings settings, ContainerEngine engine, BridgeNetworkPlane network, string version, TimeProvider timeProvider, ILoggerFactory loggers)
    {
        (_engine, _network) = (engine, network);
        Directory.CreateDirectory(settings.StateDirectory);
        DispatcherClient dispatcher = new(new DispatcherClientOptions
        {
            NodeId = settings.NodeId,
            Managers = settings.Managers.ToValueList(),
            OpenChannel = manager => OpenChannel(manager, settings.Tls, timeProvider),
            ManagersChanged = managers => settings.ManagersChanged(managers.Items),
            IdentityWanted = settings.IdentityWanted,
            IncarnationHeard = settings.IncarnationHeard,
            RenewalWanted = settings.RenewalWanted,
            TimeProvider = timeProvider,
            Random = new Random(settings.NodeId.Value.GetHashCode()),
            Logger = loggers.CreateLogger<DispatcherClient>(),
        });
        _host = new AgentHost(new AgentHostOptions
        {
            ClusterId = settings.ClusterId,
            NodeId = settings.NodeId,
            StatePath = Path.Combine(settings.StateDirectory, "tasks"),
            Runtime = engine.Runtime,
            Networks = network,
            Dispatcher = dispatcher,
            Describe = () => NodeProbe.Describe(version, Labels.Empty),
            TimeProvider = timeProvider,
            Logger = loggers.CreateLogger<AgentHost>(),
        });
        Completion = RunAsync(_stopping.Token);
    }

    public Task Completion { get; }

    public string? ConnectedManager => _host.ConnectedManager;

    public Task<IReadOnlyList<TaskId>> ListOwnedAsync(CancellationToken ct) => _host.ListOwnedAsync(ct);

    public async Task RemoveEverythingAsync(CancellationToken ct)
    {
        await StopAsync();
        foreach (RuntimeTask task in await _engine.Runtime.ListAsync(ct))
        {
            await _engine.Runtime.RemoveAsync(task.TaskId, ct);
            await _engine.Runtime.RemoveLogsAsync(task.TaskId, ct);
        }

        await _network.ReconcileAsync([], ct);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private static RpcChannel OpenChannel(string manager, RpcClientTls tls, TimeProvider timeProvider) => new(new RpcChannelOptions
    {
        Address = RpcAddress.Parse(manager),
        Tls = tls,
        MaxReceiveMessageBytes = MaxMessageBytes,
        ConnectTimeout = ConnectTimeout,
        KeepAlivePingDelay = PingDelay,
        KeepAlivePingTimeout = PingTimeout,
        MaxConnectionAge = MaxConnectionAge,
        TimeProvider = timeProvider,
    });

    private async Task RunAsync(CancellationToken ct)
    {
        await _engine.WaitReadyAsync(ct);
        await _host.RunAsync(ct);
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Completion.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
