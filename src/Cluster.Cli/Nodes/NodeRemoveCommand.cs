using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary><c>node rm</c>: forgets nodes that are gone.</summary>
internal sealed class NodeRemoveCommand : CliCommand
{
    private readonly Option<bool> _force;
    private readonly Argument<string[]> _nodes;

    public NodeRemoveCommand(CliContext context)
        : base(context, "rm", "Remove nodes that left or are down; their certificates are no longer taken", "remove")
    {
        _force = Switch("--force", "Also a node that is up", "-f");
        _nodes = OneOrMore("NODE", "A host name, an id or the start of one");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        foreach (string name in flags.GetRequiredValue(_nodes))
        {
            Node node = (await daemon.CallAsync(() => daemon.Control.GetNodeAsync(new GetNodeRequest { Node = name }, daemon.Soon(ct)))).Node;
            await daemon.ChangeAsync(
                id => daemon.Control.RemoveNodeAsync(new RemoveNodeRequest { RequestId = id, NodeId = node.Id, Force = flags.GetValue(_force) }, daemon.Soon(ct)), ct);
            await Output.WriteLineAsync(name);
        }
    }
}
