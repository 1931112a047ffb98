using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.Certificates;
using Cluster.Cli.CommandLine;
using Cluster.Model.Parsing;

namespace Cluster.Cli.Nodes;

/// <summary>The flags that are settings of the whole cluster: at its beginning, and later.</summary>
internal sealed class ClusterSettingFlags
{
    private readonly Option<string> _certificateExpiry = new("--cert-expiry") { Description = "Validity of node certificates from the next one on, such as 2160h (new clusters: 2160h0m0s)" };
    private readonly Option<string> _heartbeat = new("--dispatcher-heartbeat") { Description = "Period of the agents' heartbeats, such as 5s (new clusters: 5s)" };
    private readonly Option<int?> _historyLimit = new("--task-history-limit") { Description = "Ended tasks kept for each slot (new clusters: 5)" };

    private readonly Option<bool> _autolock = new("--autolock")
    {
        Description = "Seal the keys of all managers under an unlock key that is on no disk: a manager that was started waits for 'cluster node unlock' (true or false)",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string[]> _externalCas = new("--external-ca") { Description = ExternalCaSyntax.Help + "; 'none': the managers sign", Arity = ArgumentArity.OneOrMore };

    public ClusterSettingFlags(Command command)
    {
        foreach (Option option in All) command.Add(option);
    }

    public IReadOnlyList<Option> All => [_autolock, _certificateExpiry, _heartbeat, _historyLimit, _externalCas];

    /// <summary>Whether autolock is to be on; null: as it is.</summary>
    public bool? Autolock(ParseResult flags) => IsGiven(_autolock, flags) ? flags.GetValue(_autolock) : null;

    /// <summary>What is given of them.</summary>
    public IReadOnlyList<Option> GivenIn(ParseResult flags) => [.. All.Where(option => IsGiven(option, flags))];

    /// <summary>What is not given stays as it is.</summary>
    public void ApplyTo(ClusterSpec spec, ParseResult flags)
    {
        if (flags.GetValue(_certificateExpiry) is { } expiry) spec.CertificateExpiryTicks = Duration(_certificateExpiry, expiry);
        if (flags.GetValue(_heartbeat) is { } heartbeat) spec.HeartbeatPeriodTicks = Duration(_heartbeat, heartbeat);
        if (Autolock(flags) is { } autolock) spec.Autolock = autolock;
        if (flags.GetValue(_historyLimit) is { } limit) spec.TaskHistoryLimit = limit;
        if (!IsGiven(_externalCas, flags)) return;
        spec.ExternalCas.Clear();
        string[] externalCas = flags.GetValue(_externalCas) ?? [];
        if (externalCas is not ["none"]) spec.ExternalCas.Add(ExternalCaSyntax.Parse(externalCas));
    }

    private static bool IsGiven(Option option, ParseResult flags) => flags.GetResult(option) is { Implicit: false };

    /// <summary>On the wire 0 is the default, which nobody means who writes it.</summary>
    private static long Duration(Option option, string text)
    {
        TimeSpan value = GoDuration.Parse(text).OrFail();
        return value > TimeSpan.Zero ? value.Ticks : throw new CliException($"{option.Name}: {text} is not more than nothing");
    }
}
