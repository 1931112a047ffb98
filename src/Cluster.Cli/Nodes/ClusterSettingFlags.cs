using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Model.Parsing;

namespace Cluster.Cli.Nodes;

/// <summary>The flags that are settings of the whole cluster: at its beginning, and later.</summary>
internal sealed class ClusterSettingFlags
{
    private readonly Option<string> _certificateExpiry = new("--cert-expiry") { Description = "Validity of node certificates from the next one on, such as 2160h (new clusters: 2160h0m0s)" };
    private readonly Option<string> _heartbeat = new("--dispatcher-heartbeat") { Description = "Period of the agents' heartbeats, such as 5s (new clusters: 5s)" };
    private readonly Option<int?> _historyLimit = new("--task-history-limit") { Description = "Ended tasks kept for each slot (new clusters: 5)" };

    public ClusterSettingFlags(Command command)
    {
        foreach (Option option in All) command.Add(option);
    }

    public IReadOnlyList<Option> All => [_certificateExpiry, _heartbeat, _historyLimit];

    /// <summary>What is given of them.</summary>
    public IReadOnlyList<Option> GivenIn(ParseResult flags) => [.. All.Where(option => flags.GetResult(option) is not null)];

    /// <summary>What is not given stays as it is.</summary>
    public void ApplyTo(ClusterSpec spec, ParseResult flags)
    {
        if (flags.GetValue(_certificateExpiry) is { } expiry) spec.CertificateExpiryTicks = Duration(_certificateExpiry, expiry);
        if (flags.GetValue(_heartbeat) is { } heartbeat) spec.HeartbeatPeriodTicks = Duration(_heartbeat, heartbeat);
        if (flags.GetValue(_historyLimit) is { } limit) spec.TaskHistoryLimit = limit;
    }

    /// <summary>On the wire 0 is the default, which nobody means who writes it.</summary>
    private static long Duration(Option option, string text)
    {
        TimeSpan value = GoDuration.Parse(text).OrFail();
        return value > TimeSpan.Zero ? value.Ticks : throw new CliException($"{option.Name}: {text} is not more than nothing");
    }
}
