using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Model.Parsing;

namespace Cluster.Cli.Nodes;

/// <summary><c>node update</c>: availability, labels, role.</summary>
internal sealed class NodeUpdateCommand : CliCommand
{
    private readonly Option<string> _availability;
    private readonly Option<string[]> _addLabels;
    private readonly Option<string[]> _removeLabels;
    private readonly Option<string> _role;
    private readonly Argument<string> _node;

    public NodeUpdateCommand(CliContext context)
        : base(context, "update", "Change a node: drain it, put labels on it for --constraint node.labels.KEY==VALUE")
    {
        _availability = Text("--availability", "active, pause (no new tasks) or drain (also moves away what runs there)");
        _addLabels = Texts("--label-add", "Add or change a label, key=value");
        _removeLabels = Texts("--label-rm", "Remove a label by its key");
        _role = Text("--role", "worker or manager");
        _node = One("NODE", "'self', a host name, an id or the start of one");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        string name = flags.GetRequiredValue(_node);
        await NodeChange.ApplyAsync(
            daemon,
            name,
            spec =>
            {
                Change(spec, flags);
                return true;
            },
            ct);
        await Output.WriteLineAsync(name);
    }

    private void Change(NodeSpec spec, ParseResult flags)
    {
        if (flags.GetValue(_availability) is { } availability) spec.Availability = NodeText.ParseAvailability(availability);
        if (flags.GetValue(_role) is { } role) spec.Role = NodeText.ParseRole(role);
        foreach ((string key, string value) in LabelSyntax.Parse(flags.GetValue(_addLabels) ?? []).OrFail().Items) spec.Labels[key] = value;
        foreach (string key in flags.GetValue(_removeLabels) ?? [])
            if (!spec.Labels.Remove(key)) throw new CliException($"the node has no label '{key}'");
    }
}
