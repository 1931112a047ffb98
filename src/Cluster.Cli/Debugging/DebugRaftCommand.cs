using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;

namespace Cluster.Cli.Debugging;

/// <summary><c>debug raft</c>: this manager's view of the managers' Raft group; on the leader with how far the others are.</summary>
internal sealed class DebugRaftCommand : CliCommand
{
    private static readonly ListFormat Members = new(
        [
            new("ID", "MEMBER"), new("Node", "NODE"), new("Address", "ADDRESS"), new("Kind", "KIND"), new("Match", "MATCH"), new("Lag", "LAG"), new("InFlight", "IN FLIGHT"),
            new("Active", "ACTIVE"),
        ],
        "{{.ID}}\t{{.Node}}\t{{.Address}}\t{{.Kind}}\t{{.Match}}\t{{.Lag}}\t{{.InFlight}}\t{{.Active}}");

    private readonly Option<string> _format;

    public DebugRaftCommand(CliContext context)
        : base(context, "raft", "Show term, index, members and lag of the managers' log, as this manager sees them") =>
        _format = Text("--format", "json, or a TEMPLATE such as '{{.Term}} {{.Commit}}'");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        DescribeManagerResponse raft = await daemon.CallAsync(() => daemon.Managers.DescribeManagerAsync(new DescribeManagerRequest(), daemon.Soon(ct)));
        JsonObject json = ToJson(raft);
        if (ObjectFormat.Render(flags.GetValue(_format), json) is { } text)
        {
            await Output.WriteLineAsync(text);
            return;
        }

        await Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""
            Member {Hex(raft.RaftMemberId)} is {raft.RaftRole} in term {raft.Term}; leader: {(raft.LeaderMemberId == 0 ? "none" : Hex(raft.LeaderMemberId))}
            Log {raft.FirstIndex} to {raft.LastIndex}, synced {raft.SyncedIndex}, committed {raft.CommitIndex}, applied {raft.AppliedIndex}, snapshot {raft.SnapshotIndex}; state version {raft.Version}
            Agent sessions here: {raft.AgentSessions}; sent to agents so far: {raft.AssignmentsSent} assignments, {raft.AssignmentBytesSent} bytes

            """));
        await Members.WriteAsync(Output, null, false, json["Members"]!.AsArray().Select(member => member!.AsObject()));
    }

    private static JsonObject ToJson(DescribeManagerResponse raft) => new()
    {
        ["Member"] = Hex(raft.RaftMemberId),
        ["Role"] = raft.RaftRole,
        ["Term"] = raft.Term,
        ["Leader"] = raft.LeaderMemberId == 0 ? "" : Hex(raft.LeaderMemberId),
        ["First"] = raft.FirstIndex,
        ["Last"] = raft.LastIndex,
        ["Synced"] = raft.SyncedIndex,
        ["Commit"] = raft.CommitIndex,
        ["Applied"] = raft.AppliedIndex,
        ["Snapshot"] = raft.SnapshotIndex,
        ["Version"] = raft.Version,
        ["AgentSessions"] = raft.AgentSessions,
        ["AssignmentsSent"] = raft.AssignmentsSent,
        ["AssignmentBytesSent"] = raft.AssignmentBytesSent,
        ["Members"] = new JsonArray([.. raft.Members.Select(member => ToJson(member, raft))]),
    };

    private static JsonObject ToJson(RaftMember member, DescribeManagerResponse raft)
    {
        // Only the leader knows how far the others are.
        bool isKnown = raft.LeaderMemberId == raft.RaftMemberId || member.Id == raft.RaftMemberId;
        return new JsonObject
        {
            ["ID"] = Hex(member.Id),
            ["Node"] = member.NodeId,
            ["Address"] = member.Address,
            ["Kind"] = member.Voter ? "voter" : "learner",
            ["Match"] = isKnown ? member.MatchIndex : null,
            ["Lag"] = isKnown ? raft.LastIndex - Math.Min(raft.LastIndex, member.MatchIndex) : null,
            ["InFlight"] = isKnown ? member.InFlight : null,
            ["Active"] = isKnown ? member.Active : null,
        };
    }

    private static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);
}
