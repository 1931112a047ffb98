using System.Collections.Immutable;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Control.Dispatch;
using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Google.Protobuf;

namespace Cluster.Manager.Sessions;

/// <summary>
/// What one agent holds, as far as this session knows, and the messages that bring it to another set. Large differences go in several
/// messages, which the agent takes as one. Owned by the session's writer.
/// </summary>
internal sealed class HeldAssignments
{
    private const int MaxPutsPerMessage = 1_000;

    private readonly SortedDictionary<TaskId, ImmutableArray<byte>> _held = [];

    /// <summary>The agent said that it holds exactly this.</summary>
    public void Assume(IEnumerable<(TaskId TaskId, ImmutableArray<byte> Digest)> items)
    {
        _held.Clear();
        foreach ((TaskId id, ImmutableArray<byte> digest) in items) _held[id] = digest;
    }

    /// <summary>Always at least one message, so that the agent learns the version; <paramref name="complete"/>: whatever else it holds goes.</summary>
    public IEnumerable<ManagerMessage> BringTo(AssignmentSet current, bool complete)
    {
        if (complete) _held.Clear();
        AssignmentDelta delta = AssignmentDelta.FromInventory(_held.Select(item => (item.Key, item.Value)), current);
        Dictionary<TaskId, ImmutableArray<byte>> digests = current.Items.ToDictionary(item => item.TaskId, item => item.Digest);
        int sent = 0;
        do
        {
            Assignments message = new() { Incarnation = current.Position.Incarnation, Version = current.Position.Version, Complete = complete && sent == 0 };
            if (sent == 0)
            {
                message.RemovedTaskIds.Add(delta.Removed.Select(id => id.ToString()));
                foreach (TaskId removed in delta.Removed) _held.Remove(removed);
            }

            HashSet<TemplateId> templates = [];
            foreach (Model.Objects.TaskAssignment put in delta.Put.Skip(sent).Take(MaxPutsPerMessage))
            {
                message.Put.Add(put.ToProto());
                if (templates.Add(put.Template.Id)) message.Templates.Add(put.Template.ToProto());
                _held[put.TaskId] = digests[put.TaskId];
            }

            sent += message.Put.Count;
            message.More = sent < delta.Put.Length;
            message.Digest = ByteString.CopyFrom(AssignmentDigest.OfSet(_held.Select(item => (item.Key, item.Value.ToArray()))));
            yield return new ManagerMessage { Assignments = message };
        }
        while (sent < delta.Put.Length);
    }
}
