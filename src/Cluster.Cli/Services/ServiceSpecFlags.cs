using System.CommandLine;
using Cluster.Cli.CommandLine;
using Cluster.Model.Parsing;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Cli.Services;

/// <summary>The flags of <c>service create</c> that make the spec, apart from the container's.</summary>
internal sealed class ServiceSpecFlags
{
    private readonly Option<string> _name = Text("--name", "Name of the service (default: made from the image's)");
    private readonly Option<string[]> _labels = Texts("--label", "Label of the service, key=value", "-l");
    private readonly Option<string> _mode = Text("--mode", "replicated (default)");
    private readonly Option<int?> _replicas = new("--replicas") { Description = "How many tasks to keep running (default: 1)" };
    private readonly Option<string[]> _publish = Texts("--publish", "Publish a port of the task's node: published=8080,target=80,mode=host", "-p");
    private readonly Option<string[]> _network = Texts("--network", "bridge (default), host or none");
    private readonly Option<string[]> _constraints = Texts("--constraint", "Only on nodes such as node.labels.disk==ssd or node.role!=manager");
    private readonly Option<string[]> _preferences = Texts("--placement-pref", "Spread over label values: spread=node.labels.rack");
    private readonly Option<int?> _maxPerNode = new("--replicas-max-per-node") { Description = "Most tasks on one node (default: 0, unlimited)" };
    private readonly Option<string> _limitCpu = Text("--limit-cpu", "Most CPUs for each task, such as 0.5");
    private readonly Option<string> _limitMemory = Text("--limit-memory", "Most memory for each task, such as 64m");
    private readonly Option<long?> _limitPids = new("--limit-pids") { Description = "Most processes in each task (default: 0, unlimited)" };
    private readonly Option<string> _reserveCpu = Text("--reserve-cpu", "CPUs that a node must have free for each task");
    private readonly Option<string> _reserveMemory = Text("--reserve-memory", "Memory that a node must have free for each task");
    private readonly Option<string> _restartCondition = Text("--restart-condition", "When to replace an ended task: any (default), on-failure or none");
    private readonly Option<string> _restartDelay = Text("--restart-delay", "Time before a replacement starts (default: 5s)");
    private readonly Option<int?> _restartAttempts = new("--restart-max-attempts") { Description = "Most replacements within the window (default: unlimited)" };
    private readonly Option<string> _restartWindow = Text("--restart-window", "Time in which attempts count (default: all time)");
    private readonly Option<string> _logDriver = Text("--log-driver", "json-file (default) or none");
    private readonly Option<string[]> _logOptions = Texts("--log-opt", "Option of the log driver: max-size=10m, max-file=3");

    public void AddTo(Command command)
    {
        Option[] all =
        [
            _name, _labels, _mode, _replicas, _publish, _network, _constraints, _preferences, _maxPerNode, _limitCpu, _limitMemory, _limitPids, _reserveCpu,
            _reserveMemory, _restartCondition, _restartDelay, _restartAttempts, _restartWindow, _logDriver, _logOptions,
        ];
        foreach (Option option in all) command.Add(option);
    }

    public ServiceSpec Read(ParseResult flags, ContainerSpec container, Func<string> defaultName) => new()
    {
        Name = flags.GetValue(_name) ?? defaultName(),
        Labels = LabelSyntax.Parse(flags.GetValue(_labels) ?? []).OrFail(),
        Mode = ReadMode(flags.GetValue(_mode), flags.GetValue(_replicas)),
        Replicas = flags.GetValue(_replicas) ?? 1,
        Container = container,
        Resources = ReadResources(flags),
        Restart = ReadRestart(flags),
        Placement = new Placement
        {
            Constraints = (flags.GetValue(_constraints) ?? []).ToValueList(),
            SpreadOver = (flags.GetValue(_preferences) ?? []).Select(Spread).ToValueList(),
            MaxReplicasPerNode = flags.GetValue(_maxPerNode) ?? 0,
        },
        Network = ReadNetwork(flags.GetValue(_network) ?? []),
        Ports = (flags.GetValue(_publish) ?? []).SelectMany(text => PortSyntax.Parse(text).OrFail()).ToValueList(),
        LogDriver = ReadLogDriver(flags),
    };

    private static Option<string> Text(string name, string description) => new(name) { Description = description };

    private static Option<string[]> Texts(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.OneOrMore };

    private static ServiceMode ReadMode(string? mode, int? replicas) => mode switch
    {
        null or "replicated" => ServiceMode.Replicated,
        "global" when replicas is not null => throw new CliException("--replicas is for --mode replicated: a global service runs one task on each node"),
        "global" => ServiceMode.Global,
        "replicated-job" or "global-job" => throw new CliException($"--mode {mode} {UnbuiltFlag.Marker}: use replicated, with --restart-condition none for a task that ends"),
        _ => throw new CliException($"--mode '{mode}' is not known: allowed is replicated"),
    };

    private static NetworkMode ReadNetwork(string[] networks) => networks switch
    {
        [] or ["bridge"] => NetworkMode.Bridge,
        ["host"] => NetworkMode.Host,
        ["none"] => NetworkMode.None,
        _ => throw new CliException($"--network other than host|none|bridge {UnbuiltFlag.Marker}, and only one can be given"),
    };

    private static string Spread(string preference)
    {
        const string Prefix = "spread=";
        return preference.StartsWith(Prefix, StringComparison.Ordinal)
            ? preference[Prefix.Length..]
            : throw new CliException($"--placement-pref '{preference}' is not understood: write spread=node.labels.NAME");
    }

    private static long Bytes(string? text) => text is null ? 0 : ByteSize.Parse(text).OrFail();

    private static long NanoCpus(string? text) => text is null ? 0 : CpuCount.Parse(text).OrFail();

    private ResourceRequirements ReadResources(ParseResult flags) => new()
    {
        Limits = new Resources(NanoCpus(flags.GetValue(_limitCpu)), Bytes(flags.GetValue(_limitMemory))),
        Reservations = new Resources(NanoCpus(flags.GetValue(_reserveCpu)), Bytes(flags.GetValue(_reserveMemory))),
        PidsLimit = flags.GetValue(_limitPids) ?? 0,
    };

    private RestartPolicy ReadRestart(ParseResult flags) => new()
    {
        Condition = flags.GetValue(_restartCondition) switch
        {
            null or "any" => RestartCondition.Any,
            "on-failure" => RestartCondition.OnFailure,
            "none" => RestartCondition.None,
            { } other => throw new CliException($"--restart-condition '{other}' is not known: allowed are any, on-failure and none"),
        },
        Delay = flags.GetValue(_restartDelay) is { } delay ? GoDuration.Parse(delay).OrFail() : RestartPolicy.DefaultDelay,
        MaxAttempts = flags.GetValue(_restartAttempts) ?? 0,
        Window = flags.GetValue(_restartWindow) is { } window ? GoDuration.Parse(window).OrFail() : TimeSpan.Zero,
    };

    private LogDriver? ReadLogDriver(ParseResult flags)
    {
        string? name = flags.GetValue(_logDriver);
        string[] options = flags.GetValue(_logOptions) ?? [];
        return name is null && options.Length == 0 ? null : new LogDriver(name ?? "json-file", LabelSyntax.Parse(options).OrFail());
    }
}
