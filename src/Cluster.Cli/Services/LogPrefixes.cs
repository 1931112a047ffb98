using Cluster.Api.V1;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;
using Grpc.Core;

namespace Cluster.Cli.Services;

/// <summary>Who printed a line, as <c>web.1.abc123def456@w1    | </c>; asks for each task and node once.</summary>
internal sealed class LogPrefixes(DaemonConnection daemon, string serviceName, bool noTaskIds, bool noResolve, bool noTrunc)
{
    private readonly Dictionary<string, string> _prefixes = [];
    private Dictionary<string, string>? _hosts;
    private int _width;

    public async Task<string> OfAsync(LogLine line, CancellationToken ct)
    {
        if (!_prefixes.TryGetValue(line.TaskId, out string? prefix))
        {
            prefix = await MakeAsync(line, ct);
            _prefixes.Add(line.TaskId, prefix);
            _width = Math.Max(_width, prefix.Length);
        }

        return $"{prefix.PadRight(_width)}    | ";
    }

    private async Task<string> MakeAsync(LogLine line, CancellationToken ct)
    {
        string taskId = noTrunc ? line.TaskId : HumanText.ShortId(line.TaskId);
        if (noResolve) return $"{taskId}@{line.NodeId}";
        _hosts ??= (await daemon.ListNodesAsync(ct)).ToDictionary(node => node.Id, node => node.Description?.Hostname ?? node.Id);
        string slot = await SlotAsync(line.TaskId, ct);
        string node = _hosts.GetValueOrDefault(line.NodeId, line.NodeId);
        return noTaskIds ? $"{serviceName}.{slot}@{node}" : $"{serviceName}.{slot}.{taskId}@{node}";
    }

    private async Task<string> SlotAsync(string taskId, CancellationToken ct)
    {
        try
        {
            return (await daemon.CallAsync(() => daemon.Control.GetTaskAsync(new GetTaskRequest { Task = taskId }, daemon.Soon(ct)))).Task.Slot
                .ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return "?";
        }
    }
}
