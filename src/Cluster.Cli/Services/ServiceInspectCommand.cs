using System.CommandLine;
using System.Text.Json.Nodes;
using Cluster.Api.Codec;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;

namespace Cluster.Cli.Services;

/// <summary><c>service inspect</c>.</summary>
internal sealed class ServiceInspectCommand : CliCommand
{
    private readonly Option<string> _format;
    private readonly Option<bool> _pretty;
    private readonly Argument<string[]> _services;

    public ServiceInspectCommand(CliContext context)
        : base(context, "inspect", "Show all about services")
    {
        _format = Text("--format", "json, or a TEMPLATE such as '{{.Spec.Mode.Replicated.Replicas}}'", "-f");
        _pretty = Switch("--pretty", "For reading instead of JSON");
        _services = OneOrMore("SERVICE", "A service's name, id or the start of its id");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        List<JsonObject> services = [];
        foreach (string name in flags.GetRequiredValue(_services)) services.Add(ServiceJson.Of((await daemon.GetServiceAsync(name, ct)).Service.ToModel()));
        if (flags.GetValue(_pretty)) await PrettyText.WriteAsync(Output, services);
        else await InspectFormat.WriteAsync(Output, flags.GetValue(_format), services);
    }
}
