using System.CommandLine;
using System.CommandLine.Completions;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Contexts;
using Grpc.Core;

namespace Cluster.Cli.Completion;

/// <summary>What the Tab key offers for an argument: the cluster's own names. Offers nothing when no manager answers soon.</summary>
internal static class KnownNames
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>By the argument's name in the help.</summary>
    public static void CompleteFrom(CliContext context, Argument argument)
    {
        switch (argument.Name)
        {
            case "NODE":
                argument.CompletionSources.Add(completion => Ask(context, completion, NodesAsync));
                break;
            case "SERVICE" or "SERVICE|TASK":
                argument.CompletionSources.Add(completion => Ask(context, completion, ServicesAsync));
                break;
            case "SERVICE=REPLICAS":
                argument.CompletionSources.Add(completion => Ask(context, completion, async (daemon, ct) => (await ServicesAsync(daemon, ct)).Select(name => name + "=")));
                break;
            case "CONTEXT":
                argument.CompletionSources.Add(_ => new ContextStore(context.Environment).List().Select(name => new CompletionItem(name)));
                break;
        }
    }

    private static IEnumerable<CompletionItem> Ask(CliContext context, CompletionContext completion, Func<DaemonConnection, CancellationToken, Task<IEnumerable<string>>> ask)
    {
        try
        {
            using CancellationTokenSource patience = new(Patience, context.Time);
            using DaemonConnection daemon = ConnectionChoice.Open(completion.ParseResult, context);
#pragma warning disable VSTHRD002 // The parser asks for completions synchronously, and this program has no context to deadlock with.
            IEnumerable<string> names = Task.Run(() => ask(daemon, patience.Token)).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            return [.. names.Where(name => name.StartsWith(completion.WordToComplete, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is RpcException or CliException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static async Task<IEnumerable<string>> NodesAsync(DaemonConnection daemon, CancellationToken ct) =>
        (await daemon.ListNodesAsync(ct)).Select(node => node.Description?.Hostname ?? "").Where(host => host.Length > 0).Append("self").Distinct();

    private static async Task<IEnumerable<string>> ServicesAsync(DaemonConnection daemon, CancellationToken ct) =>
        (await daemon.ListServicesAsync(ct)).Select(row => row.Service.Spec.Name);
}
