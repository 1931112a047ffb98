using System.CommandLine;
using System.CommandLine.Parsing;
using Cluster.Cli.CommandLine;
using Cluster.Model.Parsing;
using Cluster.Model.Specs;

namespace Cluster.Cli.Services;

/// <summary>The flags of <c>service create</c> that say how the container is.</summary>
internal sealed class ContainerFlags
{
    private readonly Option<string[]> _env = Texts("--env", "Environment variable, NAME=value, or NAME for this shell's value", "-e");
    private readonly Option<string[]> _envFile = Texts("--env-file", "File of environment variables, one a line");
    private readonly Option<string[]> _mounts = Texts("--mount", "type=bind|volume|tmpfs,source=...,target=/path[,readonly]");
    private readonly Option<string> _entrypoint = Text("--entrypoint", "Command in place of the image's entrypoint");
    private readonly Option<string> _user = Text("--user", "user[:group], names or numbers", "-u");
    private readonly Option<string[]> _groups = Texts("--group", "Further group of the container's user");
    private readonly Option<string> _workdir = Text("--workdir", "Working directory", "-w");
    private readonly Option<string> _hostname = Text("--hostname", "Host name; {{.Task.Slot}} and its kind are filled in for each task");
    private readonly Option<string[]> _hosts = Texts("--host", "Line of /etc/hosts, name:address");
    private readonly Option<string[]> _dns = Texts("--dns", "DNS server");
    private readonly Option<string[]> _dnsOptions = Texts("--dns-option", "Option of resolv.conf");
    private readonly Option<string[]> _dnsSearch = Texts("--dns-search", "DNS search domain");
    private readonly Option<bool> _readOnly = Switch("--read-only", "The container cannot write to its root file system");
    private readonly Option<bool> _tty = Switch("--tty", "Give the container a terminal", "-t");
    private readonly Option<bool?> _init = new("--init") { Description = "Run an init in the container that forwards signals and reaps processes" };
    private readonly Option<string[]> _capAdd = Texts("--cap-add", "Linux capability to add");
    private readonly Option<string[]> _capDrop = Texts("--cap-drop", "Linux capability to drop");
    private readonly Option<string[]> _sysctls = Texts("--sysctl", "Kernel setting of the container, key=value");
    private readonly Option<string[]> _ulimits = Texts("--ulimit", "Resource limit, name=soft[:hard]");
    private readonly Option<int?> _oomScore = new("--oom-score-adj") { Description = "How readily the kernel kills it when memory is short (-1000 to 1000)" };
    private readonly Option<string[]> _labels = Texts("--container-label", "Label of the container, key=value");
    private readonly Option<string> _stopSignal = Text("--stop-signal", "Signal that asks the container to stop (default: the image's, else SIGTERM)");
    private readonly Option<string> _stopGrace = Text("--stop-grace-period", "Time until it is killed (default: 10s)");

    public void AddTo(Command command)
    {
        Option[] all =
        [
            _env, _envFile, _mounts, _entrypoint, _user, _groups, _workdir, _hostname, _hosts, _dns, _dnsOptions, _dnsSearch, _readOnly, _tty, _init,
            _capAdd, _capDrop, _sysctls, _ulimits, _oomScore, _labels, _stopSignal, _stopGrace,
        ];
        foreach (Option option in all) command.Add(option);
    }

    public ContainerSpec Read(ParseResult flags, string image, IEnumerable<string> arguments, Func<string, string?> environment) => new()
    {
        Image = image,
        Command = flags.GetValue(_entrypoint) is { } entrypoint ? CommandLineParser.SplitCommandLine(entrypoint).ToValueList() : [],
        Args = arguments.ToValueList(),
        Env = EnvironmentSyntax.Parse([.. Values(flags, _envFile).SelectMany(ReadFile), .. Values(flags, _env)], environment).OrFail(),
        Hostname = flags.GetValue(_hostname),
        WorkingDirectory = flags.GetValue(_workdir),
        User = flags.GetValue(_user),
        Groups = Values(flags, _groups).ToValueList(),
        Labels = LabelSyntax.Parse(Values(flags, _labels)).OrFail(),
        Mounts = Values(flags, _mounts).Select(text => MountSyntax.Parse(text).OrFail()).ToValueList(),
        ReadOnlyRoot = flags.GetValue(_readOnly),
        Init = flags.GetValue(_init),
        Tty = flags.GetValue(_tty),
        StopSignal = flags.GetValue(_stopSignal),
        StopGracePeriod = flags.GetValue(_stopGrace) is { } grace ? GoDuration.Parse(grace).OrFail() : null,
        CapabilityAdd = Values(flags, _capAdd).ToValueList(),
        CapabilityDrop = Values(flags, _capDrop).ToValueList(),
        Hosts = Values(flags, _hosts).ToValueList(),
        Dns = new DnsSpec
        {
            Servers = Values(flags, _dns).ToValueList(),
            Search = Values(flags, _dnsSearch).ToValueList(),
            Options = Values(flags, _dnsOptions).ToValueList(),
        },
        Sysctls = LabelSyntax.Parse(Values(flags, _sysctls)).OrFail(),
        Ulimits = Values(flags, _ulimits).Select(text => UlimitSyntax.Parse(text).OrFail()).ToValueList(),
        OomScoreAdj = flags.GetValue(_oomScore) ?? 0,
    };

    private static Option<string> Text(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    private static Option<bool> Switch(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    private static Option<string[]> Texts(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.OneOrMore };

    private static string[] Values(ParseResult flags, Option<string[]> option) => flags.GetValue(option) ?? [];

    private static IEnumerable<string> ReadFile(string path) => File.Exists(path)
        ? EnvironmentSyntax.EntriesOfFile(File.ReadAllLines(path))
        : throw new CliException($"there is no file '{path}' (--env-file)");
}
