using System.Buffers.Binary;
using Cluster.Api.Codec;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Google.Protobuf;

namespace Cluster.Agent.State;

/// <summary>What came of reading a state file.</summary>
/// <param name="State">Empty when the file is absent or damaged.</param>
/// <param name="GoodBytes">Up to where the file may be appended to; 0: it must be written anew.</param>
/// <param name="Damage">Null when the file is whole, or ends within a write that was never acknowledged.</param>
internal sealed record AgentStateReading(AgentState State, long GoodBytes, IReadOnlyCollection<TemplateId> Templates, string? Damage);

/// <summary>Reads the bytes of a state file.</summary>
internal static class AgentStateReader
{
    /// <exception cref="AgentStateException">The file is of a version that is not known, or of another cluster or node.</exception>
    public static AgentStateReading Read(ReadOnlyMemory<byte> file, AgentStateIdentity identity)
    {
        if (file.IsEmpty) return Nothing(damage: null);
        if (file.Length < StateFileFormat.PreambleBytes || !file.Span.StartsWith(StateFileFormat.Magic)) return Nothing("it does not begin as a state file does");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(file.Span[StateFileFormat.Magic.Length..]);
        if (version != StateFileFormat.Version)
        {
            throw new AgentStateException(
                $"the agent's state file has format version {version}; this program knows only {StateFileFormat.Version}: use the program that wrote it, or a newer one");
        }

        try
        {
            return ReadRecords(file, identity);
        }
        catch (Exception e) when (e is CodecException or InvalidDataException or InvalidProtocolBufferException or ArgumentOutOfRangeException)
        {
            return Nothing(e.Message);
        }
    }

    private static AgentStateReading ReadRecords(ReadOnlyMemory<byte> file, AgentStateIdentity identity)
    {
        AgentStateBuilder builder = new();
        Dictionary<TemplateId, TaskTemplate> templates = [];
        bool hasHeader = false;
        int at = StateFileFormat.PreambleBytes;
        while (at < file.Length)
        {
            if (!StateRecord.TryRead(file[at..], out StateRecordKind kind, out ReadOnlyMemory<byte> payload, out long claimed))
            {
                // A write that the machine's end cut short reaches to the end of the file, or left only zeros; anything else is damage.
                if (!hasHeader || !IsTorn(file[at..].Span, claimed)) return Nothing($"the record at byte {at} is damaged");
                break;
            }

            if (hasHeader == (kind == StateRecordKind.Header)) return Nothing($"the record at byte {at} is out of place");
            if (kind == StateRecordKind.Header) Check(StateFileFormat.ReadHeader(payload.Span), identity);
            else if (StateFileFormat.ReadChange(kind, payload.Span, templates) is { } change) builder.Apply(change);
            hasHeader = true;
            at += StateRecord.FrameBytes + 1 + payload.Length;
        }

        return hasHeader ? new AgentStateReading(builder.Build(), at, templates.Keys, Damage: null) : Nothing("it has no header");
    }

    private static bool IsTorn(ReadOnlySpan<byte> rest, long claimed) => claimed >= rest.Length || !rest.ContainsAnyExcept((byte)0);

    private static void Check(AgentStateIdentity found, AgentStateIdentity expected)
    {
        if (found == expected) return;
        throw new AgentStateException(
            $"the agent's state file is of node {found.NodeId} of cluster {found.ClusterId}, but this is node {expected.NodeId} of cluster "
            + $"{expected.ClusterId}: point --state-dir to this node's own directory, or remove the file");
    }

    private static AgentStateReading Nothing(string? damage) => new(AgentState.Empty, 0, [], damage);
}
