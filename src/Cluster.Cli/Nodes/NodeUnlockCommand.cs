using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary><c>node unlock</c>: gives a locked manager the unlock key. Not as an argument, which others could see and a shell would remember.</summary>
internal sealed class NodeUnlockCommand(CliContext context)
    : CliCommand(context, "unlock", "Unlock this manager after it was started (autolock): asks for the unlock key, or reads it from standard input")
{
    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        GetNodeStatusResponse status = await daemon.CallAsync(() => daemon.Node.GetStatusAsync(new GetNodeStatusRequest(), daemon.Soon(ct)));
        if (status.State != LocalNodeState.Locked) throw new CliException("this node is not locked");
        string key = Context.ReadSecret("Unlock key: ") ?? throw new CliException("the unlock key is expected on standard input");
        await daemon.CallAsync(() => daemon.Node.UnlockAsync(new UnlockRequest { UnlockKey = key.Trim() }, cancellationToken: ct));
        await Output.WriteLineAsync("This node is unlocked.");
    }
}
