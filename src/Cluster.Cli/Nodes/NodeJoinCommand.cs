using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Model.Tokens;

namespace Cluster.Cli.Nodes;

/// <summary><c>node join</c>: makes this machine a node of a cluster that exists.</summary>
internal sealed class NodeJoinCommand : CliCommand
{
    private readonly Option<string> _token;
    private readonly Option<string> _advertise;
    private readonly Option<string> _listen;
    private readonly Option<string> _availability;
    private readonly Argument<string[]> _managers;

    public NodeJoinCommand(CliContext context)
        : base(context, "join", "Join a cluster; 'cluster node join-token worker' on a manager prints the whole command")
    {
        _token = Text("--token", "The join token (required); '-' reads it from standard input");
        _token.Required = true;
        _advertise = Text("--advertise-addr", "Address that other nodes reach this one at, as address[:port]");
        _listen = Text("--listen-addr", "Address to listen on, as address[:port]");
        _availability = Text("--availability", "Whether tasks may run here: active (default), pause or drain");
        _managers = OneOrMore("HOST:PORT", "A manager's address; several are tried in turn");
        NotBuilt("--data-path-addr");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        string token = flags.GetRequiredValue(_token);
        if (token == "-") token = await Console.In.ReadLineAsync(ct) ?? "";
        JoinRequest request = new()
        {
            Token = JoinToken.Parse(token).OrFail().Reveal(),
            Managers = { flags.GetRequiredValue(_managers).Select(ManagerAddress.WithPort) },
            AdvertiseAddress = flags.GetValue(_advertise) ?? "",
            ListenAddress = flags.GetValue(_listen) ?? "",
            Availability = NodeText.ParseAvailability(flags.GetValue(_availability)),
        };
        JoinResponse response = await daemon.CallAsync(() => daemon.Node.JoinAsync(request, cancellationToken: ct));
        await Output.WriteLineAsync($"This node ({response.NodeId}) joined the cluster as a {(response.Role == NodeRole.Manager ? "manager" : "worker")}.");
    }
}
