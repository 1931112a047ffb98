using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Services;

/// <summary><c>service rm</c>: removes services; their containers stop in the background.</summary>
internal sealed class ServiceRemoveCommand : CliCommand
{
    private readonly Argument<string[]> _services;

    public ServiceRemoveCommand(CliContext context)
        : base(context, "rm", "Remove services and stop their tasks", "remove") =>
        _services = OneOrMore("SERVICE", "A service's name, id or the start of its id");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        foreach (string name in flags.GetRequiredValue(_services))
        {
            string serviceId = (await daemon.GetServiceAsync(name, ct)).Service.Id;
            await daemon.ChangeAsync(id => daemon.Control.RemoveServiceAsync(new RemoveServiceRequest { RequestId = id, ServiceId = serviceId }, daemon.Soon(ct)), ct);
            await Output.WriteLineAsync(name);
        }
    }
}
