using System.CommandLine;
using System.Globalization;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Services;

/// <summary><c>service scale</c>: sets the number of replicas, then waits until as many run.</summary>
internal sealed class ServiceScaleCommand : CliCommand
{
    private readonly Option<bool> _detach;
    private readonly Argument<string[]> _targets;

    public ServiceScaleCommand(CliContext context)
        : base(context, "scale", "Change how many tasks services have, such as: cluster service scale web=5")
    {
        _detach = Switch("--detach", "Do not wait until the tasks run", "-d");
        _targets = OneOrMore("SERVICE=REPLICAS", "A service's name, id or the start of its id, and a number");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        List<string> changed = [];
        foreach ((string service, int replicas) in flags.GetRequiredValue(_targets).Select(Parse).ToList())
        {
            changed.Add(await ScaleAsync(daemon, service, replicas, ct));
            await Output.WriteLineAsync($"{service} scaled to {replicas}");
        }

        await Output.FlushAsync(ct);
        if (flags.GetValue(_detach)) return;
        foreach (string id in changed) await new ServiceWaiter(daemon, Context, isQuiet: false).WaitAsync(id, ct);
    }

    private static (string Service, int Replicas) Parse(string target)
    {
        int equals = target.LastIndexOf('=');
        return equals > 0 && int.TryParse(target.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int replicas)
            ? (target[..equals], replicas)
            : throw new CliException($"'{target}' is not SERVICE=REPLICAS, such as web=5");
    }

    private static Task<string> ScaleAsync(DaemonConnection daemon, string name, int replicas, CancellationToken ct) => NewestVersion.ChangeAsync(async () =>
    {
        Service service = (await daemon.GetServiceAsync(name, ct)).Service;
        if (service.Spec.Mode == ServiceMode.Global) throw new CliException($"service {name} is global: it has one task on each node and cannot be scaled");
        service.Spec.Replicas = replicas;
        UpdateServiceRequest request = new() { ServiceId = service.Id, Version = service.Meta.Version, Spec = service.Spec };
        await daemon.ChangeAsync(id => daemon.Control.UpdateServiceAsync(new UpdateServiceRequest(request) { RequestId = id }, daemon.Soon(ct)), ct);
        return service.Id;
    });
}
