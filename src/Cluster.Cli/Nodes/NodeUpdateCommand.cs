using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Model.Parsing;

namespace Cluster.Cli.Nodes;

/// <summary><c>node update</c>: a node's availability, labels and role; without a node, the settings of the cluster.</summary>
internal sealed class NodeUpdateCommand : CliCommand
{
    private readonly Option<string> _availability;
    private readonly Option<string[]> _addLabels;
    private readonly Option<string[]> _removeLabels;
    private readonly Option<string> _role;
    private readonly ClusterSettingFlags _settings;
    private readonly Argument<string?> _node;

    public NodeUpdateCommand(CliContext context)
        : base(context, "update", "Change a node: drain it, put labels on it for --constraint node.labels.KEY==VALUE. Without NODE: change settings of the whole cluster")
    {
        _availability = Text("--availability", "With NODE: active, pause (no new tasks) or drain (also moves away what runs there)");
        _addLabels = Texts("--label-add", "With NODE: add or change a label, key=value");
        _removeLabels = Texts("--label-rm", "With NODE: remove a label by its key");
        _role = Text("--role", "With NODE: worker or manager");
        _settings = new ClusterSettingFlags(this);
        NotBuilt("--max-snapshots", "--snapshot-interval");
        _node = new Argument<string?>("NODE") { Description = "'self', a host name, an id or the start of one", Arity = ArgumentArity.ZeroOrOne };
        Add(_node);
    }

    protected override Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        IReadOnlyList<Option> ofCluster = _settings.GivenIn(flags);
        if (flags.GetValue(_node) is { } node)
        {
            if (ofCluster.Count > 0) throw new CliException($"{ofCluster[0].Name} is a setting of the whole cluster, not of node {node}: give it in a 'cluster node update' of its own, without NODE");
            return UpdateNodeAsync(node, flags, daemon, ct);
        }

        Option? ofNode = new Option[] { _availability, _addLabels, _removeLabels, _role }.FirstOrDefault(option => flags.GetResult(option) is not null);
        if (ofNode is not null) throw new CliException($"{ofNode.Name} is about one node: say which, 'cluster node update {ofNode.Name} … NODE'");
        if (ofCluster.Count == 0) throw new CliException($"nothing is to be changed: give NODE and what is to change of it, or settings of the cluster ({string.Join(", ", _settings.All.Select(option => option.Name))})");
        return UpdateClusterAsync(flags, daemon, ct);
    }

    private async Task UpdateClusterAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        await ClusterChange.ApplyAsync(daemon, spec => _settings.ApplyTo(spec, flags), ct);
        await Output.WriteLineAsync("Cluster updated.");
        if (_settings.Autolock(flags) == true) await UnlockKeyText.WriteAsync(daemon, Output, ct);
    }

    private async Task UpdateNodeAsync(string name, ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
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
