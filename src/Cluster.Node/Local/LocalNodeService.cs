using System.Net.Sockets;
using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Tokens;
using Cluster.Node.Joining;
using Cluster.Node.Keys;
using Cluster.Node.Lifecycle;
using Grpc.Core;
using NodeDescription = Cluster.Api.V1.NodeDescription;
using NodeRole = Cluster.Api.V1.NodeRole;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Node.Local;

/// <summary>This node's life, for root on this machine.</summary>
internal sealed class LocalNodeService(NodeLifecycle lifecycle, NodeOptions options) : LocalNode.LocalNodeBase
{
    public override Task<GetNodeStatusResponse> GetStatus(GetNodeStatusRequest request, ServerCallContext context)
    {
        NodeStatusSnapshot snapshot = new(lifecycle.Status, lifecycle.Agent?.ConnectedManager);
        return Task.FromResult(snapshot.ToResponse(options.Version));
    }

    public override async Task<InitResponse> Init(InitRequest request, ServerCallContext context)
    {
        if (request.ForceNewCluster) return ToResponse(await ToldAsync(() => lifecycle.ForceNewClusterAsync(context.CancellationToken)));
        InitSettings settings = InitRequests.Read(request).OrThrow();
        return ToResponse(await ToldAsync(() => lifecycle.InitAsync(settings, context.CancellationToken)));
    }

    public override async Task<InitResponse> Restore(IAsyncStreamReader<RestoreRequest> requestStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken)) throw Refusal.Invalid("the first message is missing").ToRpcException();
        RestoreRequest settings = requestStream.Current;
        Directory.CreateDirectory(options.StateDirectory);
        await using FileStream backup = CreateNameless();
        do requestStream.Current.Data.WriteTo(backup);
        while (await requestStream.MoveNext(context.CancellationToken));
        backup.Position = 0;
        return ToResponse(await ToldAsync(() => lifecycle.RestoreAsync(backup, settings.ListenAddress, settings.AdvertiseAddress, context.CancellationToken)));
    }

    /// <summary>A backup holds all keys in clear: whatever happens to this process, no file of it stays.</summary>
    private FileStream CreateNameless()
    {
        string path = Path.Combine(options.StateDirectory, $"restore-{Guid.CreateVersion7():N}");
        FileStream file = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        File.Delete(path);
        return file;
    }

    private static InitResponse ToResponse(InitOutcome outcome)
    {
        InitResponse response = new() { NodeId = outcome.NodeId.ToString(), ManagerAddress = outcome.ManagerAddress };
        if (outcome.Cluster is not { } cluster) return response;
        ReadOnlySpan<byte> root = cluster.Root.CertificateDer.AsSpan();
        response.WorkerToken = JoinToken.Create(root, cluster.JoinSecrets.Worker).Reveal();
        response.ManagerToken = JoinToken.Create(root, cluster.JoinSecrets.Manager).Reveal();
        return response;
    }

    public override async Task<JoinResponse> Join(JoinRequest request, ServerCallContext context)
    {
        if (!JoinToken.TryParse(request.Token, out JoinToken? token))
        {
            throw Refusal.Invalid("token: this is not a join token (SWMTKN-1-…): copy the whole of what 'cluster node join-token worker' prints on a manager").ToRpcException();
        }

        JoinDetails details = new(
            request.Availability,
            new NodeDescription { Hostname = Environment.MachineName, Os = "linux", Architecture = ProcessorArchitecture.Name, EngineVersion = options.Version });
        JoinSettings settings = new(token, request.Managers, request.ListenAddress, request.AdvertiseAddress, details);
        JoinOutcome outcome = await ToldAsync(() => lifecycle.JoinAsync(settings, context.CancellationToken));
        return new JoinResponse
        {
            NodeId = outcome.NodeId.ToString(),
            Role = outcome.Role == Model.States.NodeRole.Manager ? NodeRole.Manager : NodeRole.Worker,
        };
    }

    /// <summary>What a role's start meets on this machine (a port in use, a full disk, managers that do not reach it) is for root to mend, who asks.</summary>
    private static async Task<T> ToldAsync<T>(Func<Task<Result<T>>> change)
    {
        try
        {
            return (await change()).OrThrow();
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException or UnauthorizedAccessException or InvalidOperationException or KeyStoreException)
        {
            throw Refusal.FailedPrecondition(e.Message).ToRpcException();
        }
    }

    public override async Task<UnlockResponse> Unlock(UnlockRequest request, ServerCallContext context)
    {
        if (!UnlockKeyText.TryParse(request.UnlockKey.Trim(), out byte[]? key))
        {
            throw Refusal.Invalid("unlock_key: this is not an unlock key (SWMKEY-1-…): copy the whole of what 'cluster node unlock-key' printed on a manager").ToRpcException();
        }

        Refusal? refusal = await lifecycle.UnlockAsync(key, context.CancellationToken);
        return refusal is null ? new UnlockResponse() : throw refusal.ToRpcException();
    }

    public override async Task<LeaveResponse> Leave(LeaveRequest request, ServerCallContext context)
    {
        Refusal? refusal = await lifecycle.LeaveAsync(request.Force, context.CancellationToken);
        return refusal is null ? new LeaveResponse() : throw refusal.ToRpcException();
    }

    public override async Task<ListOwnedResponse> ListOwned(ListOwnedRequest request, ServerCallContext context)
    {
        if (lifecycle.Status.State == LifecycleState.Locked) throw Refusal.FailedPrecondition("this node is locked: what it holds is known when 'cluster node unlock' was run").ToRpcException();
        ListOwnedResponse response = new() { ContainerNamespace = options.ContainerNamespace };
        if (lifecycle.Agent is { } agent) response.TaskIds.Add((await agent.ListOwnedAsync(context.CancellationToken)).Order().Select(id => id.ToString()));
        return response;
    }
}
