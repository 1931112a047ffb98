using Cluster.Api.Codec;
using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Control.Members;
using Cluster.Manager.Members;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Grpc.Core;

namespace Cluster.Manager.Services;

internal sealed partial class ControlService
{
    public override Task<GetNodeResponse> GetNode(GetNodeRequest request, ServerCallContext context) =>
        ReadAsync(context, view => new GetNodeResponse { Node = ToProto(Lookup.Node(view, request.Node, self).OrThrow()) });

    public override Task<ListNodesResponse> ListNodes(ListNodesRequest request, ServerCallContext context) => ReadAsync(context, view =>
    {
        if (!NodeId.TryParse(request.AfterNodeId, out NodeId after)) throw Replies.Refused(RefusalKind.Invalid, $"after_node_id: '{request.AfterNodeId}' is not an id");
        ListPage<NodeRecord, Node> page = ListPage.Of(view.Nodes.SkipWhile(node => node.Id.CompareTo(after) <= 0 && !after.IsNone), request.Limit, MaxListedNodes, ToProto);
        return new ListNodesResponse { Nodes = { page.Items }, NextAfterNodeId = page.HasMore ? page.Items[^1].Id : "" };
    });

    public override Task<UpdateNodeResponse> UpdateNode(UpdateNodeRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        if (request.Spec is null) throw Replies.Refused(RefusalKind.Invalid, "spec: missing");
        NodeId id = ReadNodeId(request.NodeId);
        RequestId requestId = ReadRequestId(request.RequestId);
        Model.Specs.NodeSpec spec = request.Spec.ToModel();
        if (spec.Role == Model.States.NodeRole.Worker) await CheckQuorumWithoutAsync(id, context.CancellationToken);
        NodeRecord node = (await control.SubmitAsync(ActorOf(context), requestId, NodeCommands.UpdateRequest, tx => NodeCommands.Update(tx, id, request.Version, spec), context.CancellationToken)).OrThrow();
        return new UpdateNodeResponse { Node = ToProto(node) };
    });

    public override Task<RemoveNodeResponse> RemoveNode(RemoveNodeRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        NodeId id = ReadNodeId(request.NodeId);
        RequestId requestId = ReadRequestId(request.RequestId);
        (await control.SubmitAsync(ActorOf(context), requestId, NodeCommands.RemoveRequest, tx => NodeCommands.Remove(tx, id, request.Force), context.CancellationToken)).OrThrow();
        return new RemoveNodeResponse();
    });

    /// <summary>A manager that goes must leave a group that can still decide; what its members are doing only Raft knows.</summary>
    private async System.Threading.Tasks.Task CheckQuorumWithoutAsync(NodeId id, CancellationToken ct)
    {
        if (control.Committed.Current.GetNode(id) is not { Spec.Role: Model.States.NodeRole.Manager, Manager: { } manager }) return;
        IReadOnlyList<QuorumMember> members = QuorumKeeper.MembersOf(await raft.DescribeAsync(ct));
        bool isAlone = members.Count(member => member.IsVoter) == 1;
        if (!isAlone && members.Any(member => member.Id == manager.RaftMemberId) && !QuorumPlan.MayRemove(manager.RaftMemberId, members))
        {
            throw Replies.Refused(RefusalKind.FailedPrecondition, $"without node {id} too few of the managers would be reachable for a quorum: bring one of the others back first");
        }
    }

    private Node ToProto(NodeRecord record)
    {
        Node node = record.ToProto();
        node.Leader = record.Manager is { } manager && manager.RaftMemberId == control.Leadership.Current.Leader.Value;
        return node;
    }

    private static NodeId ReadNodeId(string text) =>
        NodeId.TryParse(text, out NodeId id) && !id.IsNone ? id : throw Replies.Refused(RefusalKind.Invalid, $"node_id: '{text}' is not an id (25 base-36 digits)");
}
