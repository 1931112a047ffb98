using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Model;
using Cluster.Model.Tokens;
using Cluster.Node.Joining;
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
        InitSettings settings = InitRequests.Read(request).OrThrow();
        InitOutcome outcome = (await lifecycle.InitAsync(settings, context.CancellationToken)).OrThrow();
        ReadOnlySpan<byte> root = outcome.Cluster.Root.CertificateDer.AsSpan();
        return new InitResponse
        {
            NodeId = outcome.NodeId.ToString(),
            WorkerToken = JoinToken.Create(root, outcome.Cluster.JoinSecrets.Worker).Reveal(),
            ManagerToken = JoinToken.Create(root, outcome.Cluster.JoinSecrets.Manager).Reveal(),
            ManagerAddress = outcome.ManagerAddress,
        };
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
        JoinOutcome outcome = (await lifecycle.JoinAsync(new JoinSettings(token, request.Managers, request.ListenAddress, request.AdvertiseAddress, details), context.CancellationToken)).OrThrow();
        return new JoinResponse
        {
            NodeId = outcome.NodeId.ToString(),
            Role = outcome.Role == Model.States.NodeRole.Manager ? NodeRole.Manager : NodeRole.Worker,
        };
    }

    public override async Task<LeaveResponse> Leave(LeaveRequest request, ServerCallContext context)
    {
        Refusal? refusal = await lifecycle.LeaveAsync(request.Force, context.CancellationToken);
        return refusal is null ? new LeaveResponse() : throw refusal.ToRpcException();
    }

    public override async Task<ListOwnedResponse> ListOwned(ListOwnedRequest request, ServerCallContext context)
    {
        ListOwnedResponse response = new() { ContainerNamespace = options.ContainerNamespace };
        if (lifecycle.Agent is { } agent) response.TaskIds.Add((await agent.ListOwnedAsync(context.CancellationToken)).Order().Select(id => id.ToString()));
        return response;
    }
}
