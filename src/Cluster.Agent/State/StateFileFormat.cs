using System.Buffers.Binary;
using Cluster.Api.Codec;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Google.Protobuf;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.Agent.State;

/// <summary>
/// The bytes of the agent's state file: magic, format version, then records. The header record names cluster, incarnation and node.
/// Templates are written once, before the first assignment that refers to them.
/// </summary>
internal static class StateFileFormat
{
    public const uint Version = 1;
    private const int IdBytes = 16;

    public static ReadOnlySpan<byte> Magic => "CLUSTAGT"u8;

    public static int PreambleBytes => Magic.Length + 4;

    public static void WritePreamble(Stream to)
    {
        to.Write(Magic);
        Span<byte> version = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(version, Version);
        to.Write(version);
    }

    public static void WriteHeader(Stream to, AgentStateIdentity identity, ulong incarnation)
    {
        Span<byte> payload = stackalloc byte[IdBytes + 8 + IdBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(payload, identity.ClusterId.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[IdBytes..], incarnation);
        BinaryPrimitives.WriteUInt128LittleEndian(payload[(IdBytes + 8)..], identity.NodeId.Value);
        StateRecord.Write(to, StateRecordKind.Header, payload);
    }

    public static AgentStateIdentity ReadHeader(ReadOnlySpan<byte> payload) => new(
        new ClusterId(BinaryPrimitives.ReadUInt128LittleEndian(payload)),
        new NodeId(BinaryPrimitives.ReadUInt128LittleEndian(payload[(IdBytes + 8)..])));

    /// <param name="to">Where the records go.</param>
    /// <param name="change">What to write.</param>
    /// <param name="written">The templates that the file holds already; grows.</param>
    public static void WriteChange(Stream to, AgentStateChange change, HashSet<TemplateId> written)
    {
        switch (change)
        {
            case AgentStateChange.Position position:
                Span<byte> payload = stackalloc byte[16];
                BinaryPrimitives.WriteUInt64LittleEndian(payload, position.Incarnation);
                BinaryPrimitives.WriteUInt64LittleEndian(payload[8..], position.Version);
                StateRecord.Write(to, StateRecordKind.Position, payload);
                break;
            case AgentStateChange.PutAssignment put:
                TaskTemplate template = put.Assignment.Template;
                if (written.Add(template.Id)) StateRecord.Write(to, StateRecordKind.Template, template.ToProto().ToByteArray());
                StateRecord.Write(to, StateRecordKind.Assignment, put.Assignment.ToProto().ToByteArray());
                break;
            case AgentStateChange.PutStatus put:
                StateRecord.Write(to, StateRecordKind.Status, StatusPayload(put));
                break;
            case AgentStateChange.RemoveTask remove:
                Span<byte> id = stackalloc byte[IdBytes];
                BinaryPrimitives.WriteUInt128LittleEndian(id, remove.TaskId.Value);
                StateRecord.Write(to, StateRecordKind.Removal, id);
                break;
        }
    }

    /// <param name="kind">Not a header.</param>
    /// <param name="payload">The record's payload.</param>
    /// <param name="templates">The templates read so far; grows.</param>
    /// <returns>Null: the record is a template.</returns>
    public static AgentStateChange? ReadChange(StateRecordKind kind, ReadOnlySpan<byte> payload, Dictionary<TemplateId, TaskTemplate> templates)
    {
        switch (kind)
        {
            case StateRecordKind.Position:
                return new AgentStateChange.Position(BinaryPrimitives.ReadUInt64LittleEndian(payload), BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]));
            case StateRecordKind.Template:
                TaskTemplate template = Api.V1.TaskTemplate.Parser.ParseFrom(payload).ToModel();
                templates[template.Id] = template;
                return null;
            case StateRecordKind.Assignment:
                return new AgentStateChange.PutAssignment(Api.V1.TaskAssignment.Parser.ParseFrom(payload).ToModel(templates.GetValueOrDefault));
            case StateRecordKind.Status:
                TaskId taskId = new(BinaryPrimitives.ReadUInt128LittleEndian(payload));
                TaskStatus status = Api.V1.TaskStatus.Parser.ParseFrom(payload[(IdBytes + 1)..]).ToModel();
                return new AgentStateChange.PutStatus(taskId, status, payload[IdBytes] != 0);
            case StateRecordKind.Removal:
                return new AgentStateChange.RemoveTask(new TaskId(BinaryPrimitives.ReadUInt128LittleEndian(payload)));
            default:
                throw new InvalidDataException($"record kind {(byte)kind} is not known");
        }
    }

    private static byte[] StatusPayload(AgentStateChange.PutStatus put)
    {
        byte[] status = put.Status.ToProto().ToByteArray();
        byte[] payload = new byte[IdBytes + 1 + status.Length];
        BinaryPrimitives.WriteUInt128LittleEndian(payload, put.TaskId.Value);
        payload[IdBytes] = put.IsCleared ? (byte)1 : (byte)0;
        status.CopyTo(payload, IdBytes + 1);
        return payload;
    }
}
