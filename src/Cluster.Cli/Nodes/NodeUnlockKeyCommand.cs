using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary><c>node unlock-key</c>: what opens a locked manager.</summary>
internal sealed class NodeUnlockKeyCommand : CliCommand
{
    private readonly Option<bool> _quiet;
    private readonly Option<bool> _rotate;

    public NodeUnlockKeyCommand(CliContext context)
        : base(context, "unlock-key", "Show the key that opens a locked manager (autolock). After --rotate, a manager that was down meanwhile is unlocked with the key of before")
    {
        _quiet = Switch("--quiet", "Only the key", "-q");
        _rotate = Switch("--rotate", "Make a new one, and new keys for what managers write from now on; keep the one of before until every manager has run since");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        bool rotate = flags.GetValue(_rotate);
        GetUnlockKeyResponse answer = rotate
            ? await daemon.ChangeAsync(id => daemon.Control.RotateUnlockKeyAsync(new RotateUnlockKeyRequest { RequestId = id }, daemon.Soon(ct)), ct)
            : await daemon.CallAsync(() => daemon.Control.GetUnlockKeyAsync(new GetUnlockKeyRequest(), daemon.Soon(ct)));
        if (flags.GetValue(_quiet))
        {
            await Output.WriteLineAsync(answer.UnlockKey);
            return;
        }

        if (rotate) await Output.WriteLineAsync("The unlock key is a new one. A manager that is down now is unlocked with the one of before: keep that until all have run since.");
        await UnlockKeyText.WriteAsync(Output, answer.UnlockKey);
    }
}
