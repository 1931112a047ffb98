using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Manager.Leading;
using Cluster.Manager.Peers;
using Cluster.Manager.Security;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using ManagerInfo = Cluster.Model.Objects.ManagerInfo;
using NodeRecord = Cluster.Model.Objects.NodeRecord;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Members;

/// <summary>Tells the cluster which member of the Raft group this manager is and where it is reached, until its row says so.</summary>
internal sealed partial class Announcer(ManagerRoleOptions options, PeerOptions peers, ControlThread control, LeaderCalls leader, ILogger<Announcer> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    private readonly ManagerInfo _self = new(options.RaftMemberId, options.AdvertiseAddress, FeatureLevels.Supported);
    private readonly AnnounceRequest _request = new() { RaftMemberId = options.RaftMemberId, Address = options.AdvertiseAddress, FeatureLevel = FeatureLevels.Supported, Incarnation = options.Incarnation };

    /// <summary>A new manager knows nothing yet, so it asks the managers that it was told of, in turn. A refusal is thrown.</summary>
    public async Task JoinAsync(IReadOnlyList<string> managers, CancellationToken ct)
    {
        for (int i = 0; ; i++)
        {
            string manager = managers[i % managers.Count];
            try
            {
                await using RpcChannel channel = PeerChannels.Open(peers, manager);
                await new Managers.ManagersClient(channel).AnnounceAsync(_request, deadline: options.TimeProvider.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: ct);
                return;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
            {
                LogNotTaken(logger, manager, e.Status.Detail);
                await Task.Delay(RetryDelay, options.TimeProvider, ct);
            }
        }
    }

    /// <summary>A manager that was started again: its address or its build may be another one than the cluster knows.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        while (true)
        {
            Task next = control.Committed.NextAsync(ct);
            if (control.Committed.Current.GetNode(options.NodeId) is { Manager: { } known } && known.RaftMemberId == options.RaftMemberId)
            {
                if (known == _self) return;
                await AnnounceAsync(ct);
            }

            await Task.WhenAny(next, Task.Delay(RetryDelay, options.TimeProvider, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    private async Task AnnounceAsync(CancellationToken ct)
    {
        try
        {
            CallOptions call = new(ForwardedCaller.ToHeaders(new Caller { NodeId = options.NodeId }), cancellationToken: ct);
            await leader.CallAsync(invoker => new Managers.ManagersClient(invoker).AnnounceAsync(_request, call), LocallyAsync, mayForward: true, ct);
        }
        catch (RpcException e) when (!ct.IsCancellationRequested)
        {
            LogNotTaken(logger, "the leader", e.Status.Detail);
        }
    }

    private async Task<AnnounceResponse> LocallyAsync(CancellationToken ct)
    {
        NodeId self = options.NodeId;
        await control.SubmitAsync<NodeRecord>($"node:{self}", tx => Control.Commands.ManagerCommands.Announce(tx, self, options.Incarnation, _self), ct);
        return new AnnounceResponse();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This manager could not announce itself to {Manager} yet: {Reason}")]
    private static partial void LogNotTaken(ILogger logger, string manager, string reason);
}
