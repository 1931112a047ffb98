using System.CommandLine;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Model.Ids;
using Cluster.Model.Parsing;
using Cluster.Model.Validation;
using ServiceSpec = Cluster.Model.Specs.ServiceSpec;

namespace Cluster.Cli.Services;

/// <summary><c>service create</c>: prints the id, then waits until the tasks run.</summary>
internal sealed class ServiceCreateCommand : CliCommand
{
    private const int RandomNameDigits = 5;

    private readonly ServiceSpecFlags _specFlags = new();
    private readonly ContainerFlags _containerFlags = new();
    private readonly Option<bool> _detach;
    private readonly Option<bool> _quiet;
    private readonly Argument<string[]> _command;

    public ServiceCreateCommand(CliContext context)
        : base(context, "create", "Create a service, such as: cluster service create --name web --replicas 3 lab/web:1")
    {
        _command = OneOrMore("IMAGE [COMMAND] [ARG...]", "The image, then what to run in place of the image's own command");
        _command.CaptureRemainingTokens = true;
        _specFlags.AddTo(this);
        _containerFlags.AddTo(this);
        _detach = Switch("--detach", "Do not wait until the tasks run", "-d");
        _quiet = Switch("--quiet", "No progress, only the id", "-q");
        NotBuilt(
            "--config", "--credential-spec", "--endpoint-mode", "--generic-resource", "--health-cmd", "--health-interval", "--health-retries",
            "--health-start-interval", "--health-start-period", "--health-timeout", "--isolation", "--max-concurrent", "--memory-swap",
            "--memory-swappiness", "--no-healthcheck", "--no-resolve-image", "--rollback-delay", "--rollback-failure-action",
            "--rollback-max-failure-ratio", "--rollback-monitor", "--rollback-order", "--rollback-parallelism", "--secret", "--update-delay",
            "--update-failure-action", "--update-max-failure-ratio", "--update-monitor", "--update-order", "--update-parallelism", "--with-registry-auth");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        ServiceSpec spec = Read(flags);
        CreateServiceRequest request = new() { Spec = spec.ToProto() };
        CreateServiceResponse response = await daemon.ChangeAsync(
            id => daemon.Control.CreateServiceAsync(new CreateServiceRequest(request) { RequestId = id }, daemon.Soon(ct)), ct);
        await Output.WriteLineAsync(response.Service.Id);
        await Output.FlushAsync(ct);
        if (flags.GetValue(_detach)) return;
        await new ServiceWaiter(daemon, Context, flags.GetValue(_quiet)).WaitAsync(response.Service.Id, ct);
    }

    private ServiceSpec Read(ParseResult flags)
    {
        string[] command = flags.GetRequiredValue(_command);
        if (command[0].StartsWith('-')) throw new CliException($"flag {command[0]} is not known; see 'cluster service create --help'");
        ServiceSpec spec = _specFlags.Read(
            flags, _containerFlags.Read(flags, command[0], command.Skip(1), Context.Environment), () => NameFor(command[0]));

        // Here too, so that a typing error needs no cluster; the managers check again.
        return ServiceSpecValidator.Validate(spec) is { } refusal ? throw new CliException(refusal.Message) : spec;
    }

    private string NameFor(string image)
    {
        string name = ImageReference.Parse(image) is { IsOk: true, Value: var reference } ? reference.Path.Split('/')[^1] : "service";
        name = new string([.. name.Where(c => char.IsAsciiLetterOrDigit(c) || c == '-').Take(SpecLimits.MaxName - RandomNameDigits - 1)]);
        return $"{name}-{Base36.Format(Context.Ids.Next())[^RandomNameDigits..]}";
    }
}
