using Cluster.Api.Codec;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Google.Protobuf;

namespace Cluster.Agent.Sessions;

/// <summary>The session's messages as they travel. A message that is not well-formed is a <see cref="CodecException"/>.</summary>
internal static class SessionCodec
{
    private const string IdFormat = "an id is 25 characters of 0-9 and a-z";

    public static Api.V1.AgentMessage ToProto(SessionHello hello) => new()
    {
        Hello = new Api.V1.Hello
        {
            Description = hello.Description.ToProto(),
            Incarnation = hello.Incarnation,
            Version = hello.Version,
            Digest = ByteString.CopyFrom(hello.Digest.AsSpan()),
        },
    };

    /// <param name="message">To be sent.</param>
    /// <param name="now">This machine's clock, which a heartbeat tells.</param>
    public static Api.V1.AgentMessage ToProto(AgentMessage message, DateTimeOffset now)
    {
        switch (message)
        {
            case AgentMessage.Heartbeat:
                return new Api.V1.AgentMessage { Heartbeat = new Api.V1.Heartbeat { WallClockTicks = now.UtcTicks } };
            case AgentMessage.Statuses statuses:
                Api.V1.StatusBatch batch = new() { Sequence = statuses.Sequence };
                foreach (TaskStatusUpdate update in statuses.Updates)
                {
                    batch.Updates.Add(new Api.V1.TaskStatusUpdate { TaskId = update.TaskId.ToString(), Status = update.Status.ToProto() });
                }

                return new Api.V1.AgentMessage { Statuses = batch };
            case AgentMessage.Inventory held:
                Api.V1.Inventory inventory = new();
                foreach (InventoryItem item in held.Items)
                {
                    inventory.Items.Add(new Api.V1.InventoryItem { TaskId = item.TaskId.ToString(), Digest = ByteString.CopyFrom(item.Digest.AsSpan()) });
                }

                return new Api.V1.AgentMessage { Inventory = inventory };
            default:
                throw new ArgumentOutOfRangeException(nameof(message));
        }
    }

    public static SessionWelcome ToModel(Api.V1.Welcome welcome) => new(
        welcome.SessionId, TimeSpan.FromTicks(welcome.HeartbeatPeriodTicks), welcome.Incarnation, welcome.Managers.ToValueList(), welcome.Role == Api.V1.NodeRole.Unspecified ? null : welcome.Role.ToModel("role"))
    {
        RootsDigest = welcome.RootsDigest.ToModel(),
    };

    /// <returns>Null: a part of a change that goes on, or a message that this version does not know, to be ignored.</returns>
    public static ManagerMessage? ToModel(Api.V1.ManagerMessage message, TemplateMirror templates, AssignmentParts parts) => message.MessageCase switch
    {
        Api.V1.ManagerMessage.MessageOneofCase.Assignments => parts.Add(ToModel(message.Assignments, templates), message.Assignments.More),
        Api.V1.ManagerMessage.MessageOneofCase.StatusAck => new ManagerMessage.StatusAcknowledgement(message.StatusAck.Sequence),
        Api.V1.ManagerMessage.MessageOneofCase.InventoryRequest => ManagerMessage.InventoryRequest.Instance,
        Api.V1.ManagerMessage.MessageOneofCase.HeartbeatAck => message.HeartbeatAck.HeartbeatPeriodTicks > 0
            ? new ManagerMessage.HeartbeatAcknowledgement(TimeSpan.FromTicks(message.HeartbeatAck.HeartbeatPeriodTicks))
            : ManagerMessage.HeartbeatAcknowledgement.Instance,
        Api.V1.ManagerMessage.MessageOneofCase.Managers => new ManagerMessage.ManagerList(message.Managers.Addresses.ToValueList()),
        Api.V1.ManagerMessage.MessageOneofCase.RoleChange => new ManagerMessage.RoleChange(message.RoleChange.Role.ToModel("role"), message.RoleChange.RootsDigest.ToModel()),
        Api.V1.ManagerMessage.MessageOneofCase.LogRequest => ToModel(message.LogRequest),
        Api.V1.ManagerMessage.MessageOneofCase.Welcome => throw new CodecException("welcome", "comes once, as the first message"),
        _ => null,
    };

    public static ManagerMessage.Assignments ToModel(Api.V1.Assignments message, TemplateMirror mirror)
    {
        Dictionary<TemplateId, TaskTemplate> sent = [];
        foreach (Api.V1.TaskTemplate proto in message.Templates)
        {
            TaskTemplate template = proto.ToModel();
            sent[template.Id] = template;
        }

        ManagerMessage.Assignments assignments = new(
            message.Incarnation,
            message.Version,
            message.Complete,
            [.. message.Put.Select(put => put.ToModel(id => sent.GetValueOrDefault(id) ?? mirror.Find(id)))],
            [.. message.RemovedTaskIds.Select(text => TaskIdOf(text, "removed_task_ids"))],
            [.. message.Digest.Span]);
        mirror.Apply(assignments);
        return assignments;
    }

    private static ManagerMessage ToModel(Api.V1.LogRequest request)
    {
        if (request.Close) return new ManagerMessage.LogClose(request.SubscriptionId);
        return new ManagerMessage.LogRequest(
            request.SubscriptionId,
            request.TaskIds.Select(text => TaskIdOf(text, "task_ids")).ToValueList(),
            request.Follow,
            request.Tail,
            request.SinceTicks is > 0 and var ticks && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null);
    }

    private static TaskId TaskIdOf(string text, string field) =>
        TaskId.TryParse(text, out TaskId id) && !id.IsNone ? id : throw new CodecException(field, $"'{text}' is not an id; {IdFormat}");
}
