using System.CommandLine;
using System.Text.Json.Nodes;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;

namespace Cluster.Cli.Contexts;

/// <summary><c>context create</c>: keeps an identity under a name.</summary>
internal sealed class ContextCreateCommand : CliCommand
{
    private readonly Option<string> _identity;
    private readonly Option<string> _host;
    private readonly Argument<string> _name;

    public ContextCreateCommand(CliContext context)
        : base(context, "create", "Keep a way to a cluster under a name")
    {
        _identity = Text("--identity", "The file that 'cluster cert issue' wrote (required)");
        _identity.Required = true;
        _host = Text("--host", "Address of a manager, host:port, several separated by ',' (default: those in the file)");
        _name = One("NAME", "The context's name");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        IdentityBundle bundle = IdentityBundle.Read(flags.GetRequiredValue(_identity));
        if (flags.GetValue(_host) is { } hosts) bundle = bundle with { Managers = ConnectionChoice.ParseHosts(hosts) };
        string name = flags.GetRequiredValue(_name);
        new ContextStore(Context.Environment).Create(name, bundle);
        await Output.WriteLineAsync(name);
    }
}

/// <summary><c>context use</c>: the context of the commands that follow.</summary>
internal sealed class ContextUseCommand : CliCommand
{
    private readonly Argument<string> _name;

    public ContextUseCommand(CliContext context)
        : base(context, "use", "Use a context for the commands that follow; 'default' is the daemon of this machine") => _name = One("CONTEXT", "A context's name");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        string name = flags.GetRequiredValue(_name);
        new ContextStore(Context.Environment).Use(name);
        await Output.WriteLineAsync(name);
    }
}

/// <summary><c>context ls</c>.</summary>
internal sealed class ContextListCommand : CliCommand
{
    private static readonly ListFormat Format = new([new("ID", "NAME"), new("Name", "NAME"), new("Managers", "MANAGERS"), new("Current", "CURRENT")], "{{.Name}}\t{{.Managers}}");

    private readonly Option<string> _format;
    private readonly Option<bool> _quiet;

    public ContextListCommand(CliContext context)
        : base(context, "ls", "List the contexts; * marks the one in use", "list")
    {
        _format = Text("--format", "table, json, TEMPLATE or 'table TEMPLATE', such as '{{.Name}} {{.Managers}}'");
        _quiet = Switch("--quiet", "Only names", "-q");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        ContextStore store = new(Context.Environment);
        string current = store.Current, format = flags.GetValue(_format) ?? "";
        bool isTable = ListFormat.IsTable(format);
        IEnumerable<JsonObject> rows = store.List().Select(name => Row(name, string.Join(",", store.Load(name).Managers)))
            .Prepend(Row(ContextStore.Default, "the daemon of this machine"));
        await Format.WriteAsync(Output, format, flags.GetValue(_quiet), rows);

        JsonObject Row(string name, string managers) => new()
        {
            ["ID"] = name,
            ["Name"] = isTable && name == current ? $"{name} *" : name,
            ["Managers"] = managers,
            ["Current"] = name == current,
        };
    }
}

/// <summary><c>context rm</c>.</summary>
internal sealed class ContextRemoveCommand : CliCommand
{
    private readonly Argument<string[]> _names;

    public ContextRemoveCommand(CliContext context)
        : base(context, "rm", "Forget contexts, with their keys", "remove") => _names = OneOrMore("CONTEXT", "A context's name");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        foreach (string name in flags.GetRequiredValue(_names))
        {
            new ContextStore(Context.Environment).Remove(name);
            await Output.WriteLineAsync(name);
        }
    }
}
