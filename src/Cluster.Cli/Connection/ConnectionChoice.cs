using System.CommandLine;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Contexts;
using Cluster.Rpc;

namespace Cluster.Cli.Connection;

/// <summary>Whom a command talks to: the daemon of this machine, or a manager somewhere with a person's certificate.</summary>
internal static class ConnectionChoice
{
    public const string ContextVariable = "CLUSTER_CONTEXT";

    public static readonly Option<string> Socket = new("--socket")
    {
        Description = $"The daemon's unix socket (default: ${CliContext.SocketVariable}, else {CliContext.DefaultSocket})",
        Recursive = true,
    };

    public static readonly Option<string> Context = new("--context")
    {
        Description = $"The way to the cluster (default: ${ContextVariable}, else what 'cluster context use' chose, else the daemon of this machine)",
        Recursive = true,
    };

    public static readonly Option<string> Identity = new("--identity")
    {
        Description = "A file that 'cluster cert issue' wrote: reach the cluster with it, without a context",
        Recursive = true,
    };

    public static readonly Option<string> Host = new("--host", "-H")
    {
        Description = "Managers to ask, host:port, several separated by ',' (with --identity or a context; default: those that it names)",
        Recursive = true,
    };

    public static DaemonConnection Open(ParseResult flags, CliContext context)
    {
        string? socket = flags.GetValue(Socket) ?? context.Environment(CliContext.SocketVariable);
        string? name = flags.GetValue(Context);
        string? identity = flags.GetValue(Identity);
        if (new[] { flags.GetValue(Socket), name, identity }.Count(way => way is not null) > 1) throw new CliException("give one of --socket, --context and --identity");
        IReadOnlyList<string>? hosts = flags.GetValue(Host) is { } host ? ParseHosts(host) : null;
        if (identity is not null) return new DaemonConnection(context, identity, () => At(IdentityBundle.Read(identity), hosts));

        // What is said on the command line comes before what is said around it, a socket before a context that is only in use.
        ContextStore contexts = new(context.Environment);
        name ??= socket is not null ? ContextStore.Default : context.Environment(ContextVariable) ?? contexts.Current;
        if (name == ContextStore.Default && hosts is not null) throw new CliException("--host needs to know who asks: give --identity FILE too ('cluster cert issue' makes one), or a context");
        if (name == ContextStore.Default) return new DaemonConnection(context, socket ?? CliContext.DefaultSocket);
        return new DaemonConnection(context, name, () => At(contexts.Load(name), hosts));
    }

    private static IdentityBundle At(IdentityBundle identity, IReadOnlyList<string>? hosts) => hosts is null ? identity : identity with { Managers = hosts };

    public static IReadOnlyList<string> ParseHosts(string text)
    {
        List<string> hosts = [];
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string host = ManagerAddress.WithPort(part);
            try
            {
                RpcAddress.Parse(host);
            }
            catch (FormatException)
            {
                throw new CliException($"--host: '{part}' is not host:port");
            }

            hosts.Add(host);
        }

        return hosts.Count > 0 ? hosts : throw new CliException("--host: an address is needed");
    }
}
