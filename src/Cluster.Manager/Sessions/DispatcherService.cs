using System.Collections.Immutable;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Control.Commands;
using Cluster.Control.Dispatch;
using Cluster.Manager.Hosting;
using Cluster.Manager.Security;
using Cluster.Manager.Services;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Rpc.Server;
using Cluster.Store;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Sessions;

/// <summary>
/// One agent's session: hello, welcome, then assignments whenever the node's tasks change, and the agent's heartbeats and reports. The
/// node is the certificate's, whatever the messages say. Only committed state is sent.
/// </summary>
internal sealed class DispatcherService(ControlThread control, SessionKeeper keeper, LeaderReports leader, AgentSessions sessions, Authorizer authorizer, TimeProvider timeProvider) : Dispatcher.DispatcherBase
{
    public override async Task Session(IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<ManagerMessage> responseStream, ServerCallContext context)
    {
        Caller caller = authorizer.CallerOf(context);
        if (caller.NodeId is not { } nodeId) throw Refused(RefusalKind.PermissionDenied, "only a node of this cluster has a session");
        if (!await requestStream.MoveNext(context.CancellationToken) || requestStream.Current.Hello is not { } hello) throw Refused(RefusalKind.Invalid, "a session begins with hello");

        SessionAnswer answer = await keeper.OpenAsync(nodeId, new AgentPosition(hello.Incarnation, hello.Version), context.CancellationToken);
        if (answer.Grant is not { } grant) throw new RpcException(new Status(StatusCode.Unavailable, answer.Message));

        using AgentSession session = new(nodeId, grant.Id.ToString());
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, context.GetStopToken(), session.Ended);
        try
        {
            await MarkReadyAsync(nodeId, grant, hello, caller, ending.Token);
            sessions.Add(session);
            await responseStream.WriteAsync(Welcome(nodeId, grant), ending.Token);
            Task reading = ReadAsync(requestStream, session, grant, ending.Token);
            Task writing = WriteAsync(responseStream, session, hello, ending.Token);
            await await Task.WhenAny(reading, writing);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the session has ended: open a new one"));
        }
        finally
        {
            await ending.CancelAsync();
            sessions.Remove(session);
            await keeper.ClosedAsync(nodeId, grant, CancellationToken.None);
        }
    }

    /// <summary>Committed at the leader, and known here.</summary>
    private async Task MarkReadyAsync(NodeId nodeId, SessionGrant grant, Hello hello, Caller caller, CancellationToken ct)
    {
        MarkNodeReadyRequest request = new()
        {
            NodeId = nodeId.ToString(),
            Description = hello.Description,
            Address = caller.Address?.ToString() ?? "",
            Session = new SessionState { NodeId = nodeId.ToString(), Epoch = grant.Epoch, HeartbeatPeriodTicks = grant.HeartbeatPeriod.Ticks },
        };
        ulong version = (await leader.MarkReadyAsync(request, ct)).Version;
        while (true)
        {
            Task next = control.Committed.NextAsync(ct);
            if (control.Committed.Current.Version >= version) return;
            await next;
        }
    }

    private ManagerMessage Welcome(NodeId nodeId, SessionGrant grant)
    {
        StoreSnapshot view = control.Committed.Current;
        return new ManagerMessage
        {
            Welcome = new Welcome
            {
                SessionId = grant.Id.ToString(),
                HeartbeatPeriodTicks = grant.HeartbeatPeriod.Ticks,
                Incarnation = view.Incarnation,
                Managers = { ManagerAddresses.Of(view) },
                Role = view.GetNode(nodeId) is { } node ? ManagerCommands.RoleOf(node).ToProto() : NodeRole.Unspecified,
                RootsDigest = AgentSessions.RootsDigestOf(view),
            },
        };
    }

    private async Task WriteAsync(IServerStreamWriter<ManagerMessage> responses, AgentSession session, Hello hello, CancellationToken ct)
    {
        HeldAssignments held = new();
        AssignmentSet current = NodeAssignments.Build(control.Committed.Current, session.NodeId);
        session.TakeAssignmentsDirty();
        if (hello.Digest.Span.SequenceEqual(current.Digest.AsSpan()))
        {
            held.Assume(current.Items.Select(item => (item.TaskId, item.Digest)));
            await SendAsync(responses, held.BringTo(current, complete: false), ct);
        }
        else if (hello.Digest.IsEmpty)
        {
            await SendAsync(responses, held.BringTo(current, complete: true), ct);
        }
        else
        {
            await responses.WriteAsync(new ManagerMessage { InventoryRequest = new InventoryRequest() }, ct);
            session.MarkAssignmentsDirty();
        }

        bool knowsWhatIsHeld = hello.Digest.IsEmpty || hello.Digest.Span.SequenceEqual(current.Digest.AsSpan());
        while (await session.Outgoing.WaitToReadAsync(ct))
        {
            while (session.Outgoing.TryRead(out ManagerMessage? message))
            {
                if (!ReferenceEquals(message, AgentSession.Wake)) await responses.WriteAsync(message, ct);
            }

            if (session.TakeInventory() is { } inventory)
            {
                held.Assume(inventory);
                knowsWhatIsHeld = true;
                session.MarkAssignmentsDirty();
            }

            if (knowsWhatIsHeld && session.TakeAssignmentsDirty())
            {
                await SendAsync(responses, held.BringTo(NodeAssignments.Build(control.Committed.Current, session.NodeId), complete: false), ct);
            }
        }
    }

    private async Task SendAsync(IServerStreamWriter<ManagerMessage> responses, IEnumerable<ManagerMessage> messages, CancellationToken ct)
    {
        foreach (ManagerMessage message in messages)
        {
            await responses.WriteAsync(message, ct);
            sessions.CountSent(message.Assignments);
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<AgentMessage> requests, AgentSession session, SessionGrant grant, CancellationToken ct)
    {
        while (await requests.MoveNext(ct))
        {
            AgentMessage message = requests.Current;
            await keeper.HeardAsync(session, grant, ct);
            switch (message.MessageCase)
            {
                case AgentMessage.MessageOneofCase.Heartbeat:
                    session.ClockSkew = WallClocks.Ahead(message.Heartbeat.WallClockTicks, timeProvider) ?? session.ClockSkew;
                    session.TrySend(new ManagerMessage { HeartbeatAck = new HeartbeatAck() });
                    break;
                case AgentMessage.MessageOneofCase.Statuses:
                    await TakeStatusesAsync(session, message.Statuses, ct);
                    break;
                case AgentMessage.MessageOneofCase.Inventory:
                    session.GiveInventory([.. message.Inventory.Items.Select(ReadItem)]);
                    break;
                default:
                    throw Refused(RefusalKind.Invalid, $"{message.MessageCase} has no place in a session that has begun");
            }
        }
    }

    /// <summary>Acknowledged when committed, and not before.</summary>
    private async Task TakeStatusesAsync(AgentSession session, StatusBatch batch, CancellationToken ct)
    {
        await leader.UpdateTaskStatusesAsync(new UpdateTaskStatusesRequest { NodeId = session.NodeId.ToString(), Updates = { batch.Updates } }, ct);
        session.TrySend(new ManagerMessage { StatusAck = new StatusAck { Sequence = batch.Sequence } });
    }

    private static (TaskId TaskId, ImmutableArray<byte> Digest) ReadItem(InventoryItem item) =>
        TaskId.TryParse(item.TaskId, out TaskId id) && !id.IsNone ? (id, [.. item.Digest.Span]) : throw Refused(RefusalKind.Invalid, $"inventory: '{item.TaskId}' is not a task id");

    private static RpcException Refused(RefusalKind kind, string message) => Replies.Refused(kind, message);
}
