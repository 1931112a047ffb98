using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary><c>node leave</c>: takes this machine out of its cluster.</summary>
internal sealed class NodeLeaveCommand : CliCommand
{
    private readonly Option<bool> _force;

    public NodeLeaveCommand(CliContext context)
        : base(context, "leave", "Leave the cluster; the containers of its tasks on this machine are stopped") =>
        _force = Switch("--force", "Also when this loses the cluster's state (the last manager), or when no manager answers", "-f");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        LeaveRequest request = new() { Force = flags.GetValue(_force) };
        await daemon.CallAsync(() => daemon.Node.LeaveAsync(request, cancellationToken: ct));
        await Output.WriteLineAsync("This node left the cluster.");
    }
}
