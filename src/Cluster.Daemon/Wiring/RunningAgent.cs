using Cluster.Agent.Hosting;
using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Containers;
using Cluster.Model.Ids;
using Cluster.Model.Specs;
using Cluster.Network;
using Cluster.Node.Roles;
using Microsoft.Extensions.Logging;

namespace Cluster.Daemon.Wiring;

/// <summary>The agent role on this machine's containers and network.</summary>
internal sealed class RunningAgent : IAgentRole
{
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
            OpenChannel = manager => NodeChannels.Open(manager, settings.Tls, timeProvider),
            ManagersChanged = managers => settings.ManagersChanged(managers.Items),
            RoleChanged = settings.RoleChanged,
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
