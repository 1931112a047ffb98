using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Cluster.Api.Storage;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;
using Cluster.Model.Time;

namespace Cluster.Cli.Backups;

/// <summary><c>backup inspect</c>: what a backup is of, after a check of all of it; needs no cluster.</summary>
internal sealed class BackupInspectCommand : CliCommand
{
    private readonly Option<string> _format;
    private readonly Argument<string> _file;

    public BackupInspectCommand(CliContext context)
        : base(context, "inspect", "Check a backup and show what it is of")
    {
        _format = Text("--format", "json, or a TEMPLATE such as '{{.Cluster}} {{.Taken}}'", "-f");
        _file = One("FILE", "A backup");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        (SnapshotHeader header, long bytes) = await BackupFile.InspectAsync(flags.GetRequiredValue(_file), ct);
        JsonObject json = new()
        {
            ["Cluster"] = header.ClusterId,
            ["Taken"] = HumanText.Rfc3339(new ClusterTime(header.ClusterTimeTicks)),
            ["Version"] = header.Version,
            ["Incarnation"] = header.Incarnation,
            ["Rows"] = header.Rows,
            ["Bytes"] = bytes,
            ["Format"] = header.Format,
        };
        if (ObjectFormat.Render(flags.GetValue(_format), json) is { } text)
        {
            await Output.WriteLineAsync(text);
            return;
        }

        foreach ((string key, JsonNode? value) in json) await Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{key + ":",-13}{value}"));
    }
}
