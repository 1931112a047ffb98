using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary><c>node promote</c> and <c>node demote</c>: the role follows while the node runs, and its containers notice nothing.</summary>
internal sealed class NodeRoleCommand : CliCommand
{
    private readonly NodeRole _role;
    private readonly Argument<string[]> _nodes;

    private NodeRoleCommand(CliContext context, NodeRole role, string name, string description)
        : base(context, name, description)
    {
        _role = role;
        _nodes = OneOrMore("NODE", "'self', a host name, an id or the start of one");
    }

    public static NodeRoleCommand Promote(CliContext context) => new(
        context, NodeRole.Manager, "promote", "Make workers managers: they get the cluster's state, and count for the quorum when they have it");

    public static NodeRoleCommand Demote(CliContext context) => new(
        context, NodeRole.Worker, "demote", "Make managers workers: they leave the quorum and forget the cluster's state");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        foreach (string name in flags.GetRequiredValue(_nodes))
        {
            bool isChanged = await NodeChange.ApplyAsync(daemon, name, TakeRole, ct);
            string what = _role == NodeRole.Manager ? "a manager" : "a worker";
            await Output.WriteLineAsync(!isChanged ? $"Node {name} is already {what}." : _role == NodeRole.Manager ? $"Node {name} promoted to {what} in the cluster." : $"Manager {name} demoted in the cluster.");
        }
    }

    private bool TakeRole(NodeSpec spec)
    {
        if (spec.Role == _role) return false;
        spec.Role = _role;
        return true;
    }
}
