using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager;

/// <summary>The start: of a new cluster, of a member that was there before, of one that joins.</summary>
public sealed partial class ManagerRole
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan JoinPoll = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Returns when the port is open and: a new cluster is committed; a new manager votes in its cluster; the only manager leads. One of
    /// several that is started again returns at once, and answers when a majority of them sees each other.
    /// </summary>
    public static async Task<ManagerRole> StartAsync(ManagerRoleOptions options, CancellationToken ct)
    {
        ManagerRole role = new(options);
        try
        {
            await role.StartAsync(ct);
            return role;
        }
        catch
        {
            await role.DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync(CancellationToken ct)
    {
        TaskCompletionSource leading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _control.LeadershipChanged += leads =>
        {
            if (leads) leading.TrySetResult();
        };
        _running = RunAsync(_stopping.Token);
        if (IsAlone)
        {
            // Nobody else can lead, so there is no election to wait for.
            await _raft.CampaignAsync(ct);
            await await Task.WhenAny(leading.Task, _running).WaitAsync(StartTimeout, _options.TimeProvider, ct);
            if (_options.Foundation is { } foundation) await FoundAsync(foundation.Cluster, foundation.Node, ct);
        }

        await _server.StartAsync(ct);
        LogListening(_logger, _options.ListenAddress.ToString());
        if (!_options.JoinThrough.IsEmpty) await JoinAsync(ct);
    }

    private bool IsAlone => _raft.Membership.Voters is [var only] && only == _raft.Self;

    /// <summary>Until this manager has the cluster's state and counts for its quorum.</summary>
    private async Task JoinAsync(CancellationToken ct)
    {
        using CancellationTokenSource patience = new(JoinTimeout, _options.TimeProvider);
        using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await _announcer.JoinAsync(_options.JoinThrough, giveUp.Token);
            while (!_raft.CommittedMembership.IsVoter(_raft.Self) || _control.Committed.Current.GetNode(_options.NodeId) is null)
            {
                if (_running.IsCompleted) await _running;
                await Task.Delay(JoinPoll, _options.TimeProvider, giveUp.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"this manager did not become a member of the quorum within {JoinTimeout.TotalSeconds:0} s: the other managers must reach it at {_options.AdvertiseAddress} (check --advertise-addr and that the port is open)");
        }
    }

    private async Task FoundAsync(ClusterRecord cluster, NodeRecord node, CancellationToken ct)
    {
        ClusterInit init = new()
        {
            ClusterId = cluster.Id,
            Spec = cluster.Spec,
            Root = cluster.Root,
            JoinSecrets = cluster.JoinSecrets,
            Lock = cluster.Lock,
            NodeId = node.Id,
            PublicKeyDigest = node.Certificate.PublicKeyDigest,
            CertificateDer = node.Certificate.CertificateDer,
            NodeSpec = node.Spec,
            Description = node.Description,
            Manager = node.Manager!,
        };
        Result<ClusterRecord> result = await _control.SubmitAsync("init", tx => ClusterCommands.Init(tx, init), ct);
        Invariant.Check(result.IsOk, $"a new cluster's first change was refused: {result.Refusal?.Message}");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Manager listening on {Address}")]
    private static partial void LogListening(ILogger logger, string address);
}
