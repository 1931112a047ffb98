using System.Security.Cryptography;
using Cluster.Model;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Node.Certificates;
using Cluster.Node.Keys;
using Cluster.Node.Roles;

namespace Cluster.Node.Lifecycle;

/// <summary>Going on without the others: from this manager's own log, or from a backup. The key store names the log that counts, so it decides.</summary>
internal sealed partial class NodeLifecycle
{
    /// <summary>This manager becomes the only one; everything that its log holds stays, and containers notice nothing.</summary>
    public async Task<Result<InitOutcome>> ForceNewClusterAsync(CancellationToken ct)
    {
        if (!await _gate.WaitAsync(TimeSpan.Zero, ct)) return Busy;
        try
        {
            if (!_keyStore.HasKeys) return Refusal.FailedPrecondition("this node is not part of a cluster: --force-new-cluster is for a manager whose cluster has lost its quorum");
            if (_status.State == LifecycleState.Locked) return Refusal.FailedPrecondition("this node is locked: 'cluster node unlock' first, then --force-new-cluster");
            NodeKeys keys = _active?.Keys ?? _keyStore.Load();
            if (keys.Manager is not { } manager) return Refusal.FailedPrecondition("this node is a worker: --force-new-cluster needs a manager's log");
            if (_active is { } active) await active.DisposeAsync();
            _active = null;
            try
            {
                ulong incarnation = roles.Revive(new RevivalRequest(
                    keys.ClusterId, keys.NodeId, manager.Incarnation, manager.RaftMemberId, manager.DataKey, manager.OlderDataKeys, keys.AdvertiseAddress, LogDirectoryOf));
                keys = keys with { Manager = manager with { Incarnation = incarnation }, Managers = [keys.AdvertiseAddress] };
                _keyStore.Save(keys);
                LogRevived(logger, keys.ClusterId.ToString(), incarnation);
            }
            finally
            {
                // Also when it failed: as the node that it was.
                DeleteOtherLogs(keys.Manager!.Incarnation);
                await ActivateAsync(keys, foundation: null, joinThrough: [], ct);
            }

            return new InitOutcome(keys.NodeId, null, keys.AdvertiseAddress);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>This machine becomes the only manager of the cluster that the backup is of. Nodes of it that reach this address come back by themselves.</summary>
    public async Task<Result<InitOutcome>> RestoreAsync(Stream backup, string listenAddress, string advertiseAddress, CancellationToken ct)
    {
        if (!await _gate.WaitAsync(TimeSpan.Zero, ct)) return Busy;
        try
        {
            if (CheckFree("restore a cluster") is { } occupied) return occupied;
            Result<string> listen = NodeAddresses.WithPort(listenAddress.Length > 0 ? listenAddress : NodeAddresses.DefaultListen, "listen-addr");
            if (!listen.IsOk) return listen.Refusal!;
            Result<string> advertise = NodeAddresses.Advertise(advertiseAddress, listen.Value);
            if (!advertise.IsOk) return advertise.Refusal!;

            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DeleteRoleState();
            ManagerKeys manager = NewManagerKeys(NewMemberId(), incarnation: 0);
            Result<RestoredCluster> result = Refusal.Invalid("nothing was restored");
            try
            {
                result = await roles.RestoreAsync(new RestoreRequest(
                    backup, CertificateRequests.Create(key), advertise.Value, manager.RaftMemberId, manager.DataKey, Environment.MachineName, LogDirectoryOf), ct);
            }
            finally
            {
                if (!result.IsOk) DeleteRoleState();
            }

            if (result.Refusal is { } refusal) return refusal;
            RestoredCluster restored = result.Value;
            NodeKeys keys = new()
            {
                ClusterId = restored.Cluster.Id,
                NodeId = restored.Node.Id,
                Role = NodeRole.Manager,
                RootCertificateDer = restored.Cluster.Root.CertificateDer,
                NextRootCertificateDer = restored.Cluster.Rotation?.Target.CertificateDer ?? [],
                RootGeneration = restored.Cluster.RootGeneration,
                CertificateChainDer = [restored.Node.Certificate.CertificateDer, .. RootChain.CrossSignatures(restored.Cluster)],
                PrivateKeyPkcs8 = [.. key.ExportPkcs8PrivateKey()],
                Managers = [advertise.Value],
                ListenAddress = listen.Value,
                AdvertiseAddress = advertise.Value,
                Manager = manager with { Incarnation = restored.Incarnation, LockGeneration = restored.Cluster.Lock.Generation },
            };
            await EstablishAsync(keys, foundation: null, joinThrough: [], restored.Cluster.Lock, ct);
            LogRevived(logger, keys.ClusterId.ToString(), restored.Incarnation);
            return new InitOutcome(keys.NodeId, restored.Cluster, advertise.Value);
        }
        finally
        {
            _gate.Release();
        }
    }
}
