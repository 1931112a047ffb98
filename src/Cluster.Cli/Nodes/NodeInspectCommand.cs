using System.CommandLine;
using System.Text.Json.Nodes;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;

namespace Cluster.Cli.Nodes;

/// <summary><c>node inspect</c>.</summary>
internal sealed class NodeInspectCommand : CliCommand
{
    private readonly Option<string> _format;
    private readonly Option<bool> _pretty;
    private readonly Argument<string[]> _nodes;

    public NodeInspectCommand(CliContext context)
        : base(context, "inspect", "Show all about nodes")
    {
        _format = Text("--format", "json, or a TEMPLATE such as '{{.Status.State}}'", "-f");
        _pretty = Switch("--pretty", "For reading instead of JSON");
        _nodes = OneOrMore("NODE", "'self', a host name, an id or the start of one");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        List<JsonObject> nodes = [];
        foreach (string name in flags.GetRequiredValue(_nodes))
        {
            GetNodeRequest request = new() { Node = name };
            Node node = (await daemon.CallAsync(() => daemon.Control.GetNodeAsync(request, daemon.Soon(ct)))).Node;
            nodes.Add(NodeJson.Of(node.ToModel(), node));
        }

        if (flags.GetValue(_pretty)) await PrettyText.WriteAsync(Output, nodes);
        else await InspectFormat.WriteAsync(Output, flags.GetValue(_format), nodes);
    }
}
