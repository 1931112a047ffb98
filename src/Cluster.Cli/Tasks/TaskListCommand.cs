using System.CommandLine;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Output;

namespace Cluster.Cli.Tasks;

/// <summary>The flags that <c>service ps</c> and <c>node ps</c> share.</summary>
internal abstract class TaskListCommand : CliCommand
{
    private readonly Option<string[]> _filter;
    private readonly Option<string> _format;
    private readonly Option<bool> _noResolve;
    private readonly Option<bool> _noTrunc;
    private readonly Option<bool> _quiet;

    protected TaskListCommand(CliContext context, string description)
        : base(context, "ps", description)
    {
        _filter = Texts("--filter", "Only tasks with key=value: id, name, node, desired-state (running, shutdown, accepted)", "-f");
        _format = Text("--format", "table, json, TEMPLATE or 'table TEMPLATE', such as '{{.Name}} {{.Node}} {{.CurrentState}}'");
        _noResolve = Switch("--no-resolve", "Ids in place of names");
        _noTrunc = Switch("--no-trunc", "Do not shorten ids and errors");
        _quiet = Switch("--quiet", "Only ids", "-q");
    }

    protected TaskTableFlags TableOf(ParseResult flags) => new(
        ListFilter.Parse(flags.GetValue(_filter) ?? [], "id", "name", "node", "desired-state").Only("desired-state", "running", "shutdown", "accepted"),
        flags.GetValue(_format),
        flags.GetValue(_noResolve),
        flags.GetValue(_noTrunc),
        flags.GetValue(_quiet));
}
