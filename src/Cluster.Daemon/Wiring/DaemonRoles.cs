using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cluster.Containers;
using Cluster.Manager;
using Cluster.Manager.Certificates;
using Cluster.Manager.Hosting;
using Cluster.Manager.Recovery;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Network;
using Cluster.Node.Roles;
using Microsoft.Extensions.Logging;

namespace Cluster.Daemon.Wiring;

/// <summary>The roles of a node on Cluster.Manager and Cluster.Agent.</summary>
internal sealed class DaemonRoles(ContainerEngine engine, BridgeNetworkPlane network, string version, TimeProvider timeProvider, ILoggerFactory loggers) : INodeRoles
{
    public async Task<Result<Foundation>> FoundAsync(FoundationRequest request, CancellationToken ct)
    {
        Result<(ClusterRecord Cluster, NodeRecord Node)> founded = await ClusterFounder.FoundAsync(
            request.CsrDer,
            request.AdvertiseAddress,
            request.RaftMemberId,
            request.Spec,
            request.Root,
            request.Availability,
            request.Hostname,
            new SystemIds(),
            timeProvider,
            ct);
        return founded.Refusal is { } refusal ? refusal : new Foundation(founded.Value.Cluster, founded.Value.Node);
    }

    public ulong Revive(RevivalRequest request)
    {
        LogIdentity old = new(request.DirectoryOf(request.Incarnation), request.ClusterId, request.Incarnation, request.RaftMemberId, request.DataKey) { OlderDataKeys = request.OlderDataKeys };
        return ClusterRecovery.Revive(old, request.NodeId, request.AdvertiseAddress, request.DirectoryOf, timeProvider.GetUtcNow());
    }

    public async Task<Result<RestoredCluster>> RestoreAsync(RestoreRequest request, CancellationToken ct)
    {
        Result<(ClusterRecord Cluster, NodeRecord Node, ulong Incarnation)> restored = await ClusterRecovery.RestoreAsync(
            request.Backup, request.CsrDer, request.Hostname, request.RaftMemberId, request.AdvertiseAddress, request.DataKey, request.DirectoryOf, new SystemIds(), timeProvider, ct);
        return restored.Refusal is { } refusal ? refusal : new RestoredCluster(restored.Value.Cluster, restored.Value.Node, restored.Value.Incarnation);
    }

    public async Task<IManagerRole> StartManagerAsync(ManagerRoleSettings settings, CancellationToken ct) => new RunningManager(await ManagerRole.StartAsync(
        new ManagerRoleOptions
        {
            ClusterId = settings.ClusterId,
            NodeId = settings.NodeId,
            RaftMemberId = settings.RaftMemberId,
            Incarnation = settings.Incarnation,
            DataKey = settings.DataKey,
            OlderDataKeys = settings.OlderDataKeys,
            LockChanged = settings.LockChanged,
            ListenAddress = await ResolveAsync(settings.ListenAddress, ct),
            AdvertiseAddress = settings.AdvertiseAddress,
            Trust = settings.Trust,
            ServerCertificate = settings.ServerCertificate,
            LogDirectory = settings.LogDirectory,
            JoinThrough = settings.JoinThrough,
            Foundation = settings.Foundation is { } foundation ? (foundation.Cluster, foundation.Node) : null,
            TimeProvider = timeProvider,
            Loggers = loggers,
        },
        ct));

    public Task<IAgentRole> StartAgentAsync(AgentRoleSettings settings, CancellationToken ct) =>
        Task.FromResult<IAgentRole>(new RunningAgent(settings, engine, network, version, timeProvider, loggers));

    private static async Task<IPEndPoint> ResolveAsync(string address, CancellationToken ct)
    {
        int colon = address.LastIndexOf(':');
        int port = int.Parse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        string host = address[..colon].Trim('[', ']');
        if (IPAddress.TryParse(host, out IPAddress? ip)) return new IPEndPoint(ip, port);
        IPAddress[] found = await Dns.GetHostAddressesAsync(host, ct);
        return found.Length > 0 ? new IPEndPoint(found[0], port) : throw new SocketException((int)SocketError.HostNotFound);
    }
}
