using Cluster.Api.Codec;
using Cluster.Api.Errors;
using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Grpc.Core;

namespace Cluster.Manager.Services;

internal sealed partial class ControlService
{
    public override Task<GetNodeResponse> GetNode(GetNodeRequest request, ServerCallContext context) =>
        System.Threading.Tasks.Task.FromResult(new GetNodeResponse { Node = ToProto(Lookup.Node(View, request.Node, self).OrThrow()) });

    public override Task<ListNodesResponse> ListNodes(ListNodesRequest request, ServerCallContext context) =>
        System.Threading.Tasks.Task.FromResult(new ListNodesResponse { Nodes = { View.Nodes.Select(ToProto) } });

    public override Task<UpdateNodeResponse> UpdateNode(UpdateNodeRequest request, ServerCallContext context) => Replies.Of(async () =>
    {
        if (request.Spec is null) throw Replies.Refused(RefusalKind.Invalid, "spec: missing");
        NodeId id = ReadNodeId(request.NodeId);
        RequestId requestId = ReadRequestId(request.RequestId);
        Model.Specs.NodeSpec spec = request.Spec.ToModel();
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

    private Node ToProto(NodeRecord record)
    {
        Node node = record.ToProto();
        node.Leader = record.Id == self && record.Manager is not null && control.IsLeading;
        return node;
    }

    private static NodeId ReadNodeId(string text) =>
        NodeId.TryParse(text, out NodeId id) && !id.IsNone ? id : throw Replies.Refused(RefusalKind.Invalid, $"node_id: '{text}' is not an id (25 base-36 digits)");
}
