using System.Globalization;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Cli.Nodes;

/// <summary>
/// Waits until the cluster has the new root, and says how far it is: on a terminal in place, elsewhere a line for each change. Names the nodes that
/// it waits for.
/// </summary>
internal sealed class RotationWaiter(DaemonConnection daemon, CliContext context, bool isQuiet)
{
    private const int MaxNamed = 10;

    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(500);

    private readonly TextWriter _progress = isQuiet ? TextWriter.Null : context.Error;
    private string _last = "";
    private int _linesOnScreen;

    public async Task WaitAsync(ByteString newRoot, CancellationToken ct)
    {
        try
        {
            while (!await LookAsync(newRoot, ct)) await Task.Delay(PollPeriod, context.Time, ct);
        }
        catch (Exception e) when (ct.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            throw new CliException("no longer waiting; the cluster goes on with it, and 'cluster node ca' shows the new root when it is done");
        }
    }

    private async Task<bool> LookAsync(ByteString newRoot, CancellationToken ct)
    {
        DescribeAuthorityResponse authority;
        try
        {
            authority = await daemon.CallAsync(() => daemon.Control.DescribeAuthorityAsync(new DescribeAuthorityRequest(), daemon.Soon(ct)));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            // The manager, or the leader behind it, is another one in a moment.
            return false;
        }

        if (authority.RootCertificateDer.Equals(newRoot))
        {
            Show(["the cluster has its new root"]);
            return true;
        }

        if (!authority.NextRootCertificateDer.Equals(newRoot)) throw new CliException("the rotation was given up for another one");
        Show([string.Create(CultureInfo.InvariantCulture, $"rotated {authority.Rotated} of {authority.Nodes} nodes"), .. Pending(authority)]);
        return false;
    }

    private static IEnumerable<string> Pending(DescribeAuthorityResponse authority)
    {
        List<PendingNode> awaited = [.. authority.Pending.Where(node => node.Awaited)];
        foreach (PendingNode node in awaited.Take(MaxNamed)) yield return $"  waiting for {node.Hostname} ({node.NodeId}): {node.Reason}";
        if (awaited.Count > MaxNamed) yield return string.Create(CultureInfo.InvariantCulture, $"  and {awaited.Count - MaxNamed} others");
        int away = authority.Pending.Count - awaited.Count;
        if (away > 0) yield return string.Create(CultureInfo.InvariantCulture, $"  not waiting for {away} that are down: they change over when they come back");
    }

    private void Show(List<string> lines)
    {
        string text = string.Join('\n', lines);
        if (text == _last) return;
        _last = text;
        if (context.IsTerminal && _linesOnScreen > 0) _progress.Write($"\e[{_linesOnScreen.ToString(CultureInfo.InvariantCulture)}A\e[J");
        _progress.Write(text + "\n");
        _progress.Flush();
        _linesOnScreen = lines.Count;
    }
}
