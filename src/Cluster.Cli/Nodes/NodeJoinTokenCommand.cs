using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary><c>node join-token</c>: what another machine needs to join.</summary>
internal sealed class NodeJoinTokenCommand : CliCommand
{
    private readonly Option<bool> _quiet;
    private readonly Option<bool> _rotate;
    private readonly Argument<string> _role;

    public NodeJoinTokenCommand(CliContext context)
        : base(context, "join-token", "Show how another machine joins this cluster, as worker or manager")
    {
        _quiet = Switch("--quiet", "Only the token", "-q");
        _rotate = Switch("--rotate", "Make a new token; the one before lets nobody in any more");
        _role = One("ROLE", "worker or manager");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        NodeRole role = NodeText.ParseRole(flags.GetRequiredValue(_role));
        bool rotate = flags.GetValue(_rotate);
        GetJoinTokensResponse tokens = rotate
            ? await daemon.ChangeAsync(id => daemon.Control.RotateJoinTokenAsync(new RotateJoinTokenRequest { RequestId = id, Role = role }, daemon.Soon(ct)), ct)
            : await daemon.CallAsync(() => daemon.Control.GetJoinTokensAsync(new GetJoinTokensRequest(), daemon.Soon(ct)));
        string token = role == NodeRole.Worker ? tokens.Worker : tokens.Manager;
        if (flags.GetValue(_quiet))
        {
            await Output.WriteLineAsync(token);
            return;
        }

        if (rotate) await Output.WriteLineAsync($"The {(role == NodeRole.Worker ? "worker" : "manager")} token is a new one.\n");
        await Output.WriteLineAsync($"""
            To add a {(role == NodeRole.Worker ? "worker" : "manager")} to this cluster, run this on the other machine:

                cluster node join --token {token} {tokens.ManagerAddress}

            """);
    }
}
