using Cluster.LabTests.Labs;
using Grpc.Core;

namespace Cluster.LabTests.Quorum;

/// <summary>What the managers of a lab agree on.</summary>
internal static class QuorumState
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LimitOfCall = TimeSpan.FromSeconds(10);

    /// <summary>The manager that that one takes for the leader.</summary>
    public static async Task<string> LeaderAsync(Lab lab, string asked, CancellationToken ct)
    {
        string? leader = null;
        await Eventually.HoldsAsync($"{asked} knows a leader", Limit, async token =>
        {
            var nodes = await lab.NodesAsync(asked, token);
            leader = nodes.FirstOrDefault(node => node.ManagerStatus == "Leader")?.Host;
            return leader is null ? string.Join('\n', nodes) : null;
        }, ct);
        return leader!;
    }

    /// <summary>Waits until every manager shows every node ready and every manager in the quorum.</summary>
    public static async Task IsWholeAsync(Lab lab, CancellationToken ct)
    {
        foreach (var manager in lab.Managers)
        {
            await Eventually.HoldsAsync($"{manager} shows the cluster whole", Limit, async token =>
            {
                var result = await lab.ClusterAsync(manager, ["node", "ls", "--format", NodeRow.Format], token);
                if (result.ExitCode != 0)
                {
                    return result.Errors;
                }

                var nodes = result.Lines.Select(NodeRow.Parse).ToList();
                var isWhole = nodes.Count == lab.Hosts.Count && nodes.All(node => node.Status == "Ready")
                    && nodes.Count(node => node.ManagerStatus is "Leader" or "Reachable") == lab.Managers.Count && nodes.Count(node => node.ManagerStatus == "Leader") == 1;
                return isWhole ? null : string.Join('\n', nodes);
            }, ct);
        }
    }

    /// <summary>Waits until so many managers vote, and no other node is in the group or is meant to be.</summary>
    public static async Task HasManagersAsync(Lab lab, int count, CancellationToken ct) =>
        await Eventually.HoldsAsync($"there are {count} managers", Limit, async token =>
        {
            var nodes = (await lab.NodesAsync(lab.Managers[0], token)).Where(node => node.ManagerStatus.Length > 0).ToList();
            var result = await lab.ClusterAsync(lab.Managers[0], ["debug", "raft", "--format", "{{.Members}}"], token);
            var voters = result.Output.Split("voter").Length - 1;
            return nodes.Count == count && voters == count && !result.Output.Contains("learner", StringComparison.Ordinal) ? null : $"{string.Join('\n', nodes)}\n{result.Output}{result.Errors}";
        }, ct);

    /// <summary>The services that every manager lists, which must be the same; waits for those that do not answer.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ServicesAsync(IReadOnlyList<ManagerConnection> managers, CancellationToken ct)
    {
        IReadOnlyDictionary<string, string>? first = null;
        foreach (var manager in managers)
        {
            IReadOnlyDictionary<string, string> listed = new Dictionary<string, string>();
            await Eventually.HoldsAsync($"{manager.Host} lists the services", Limit, async token =>
            {
                try
                {
                    listed = await manager.ListAsync(LimitOfCall, token);
                    return null;
                }
                catch (RpcException e) when (CreatingClient.IsUnknown(e) && !token.IsCancellationRequested)
                {
                    return e.Message;
                }
            }, ct);
            first ??= listed;
            var difference = first.Except(listed).Concat(listed.Except(first)).Select(service => service.Key).ToList();
            if (difference.Count > 0)
            {
                throw new InvalidOperationException($"{manager.Host} and {managers[0].Host} do not list the same services: {string.Join(' ', difference)}");
            }
        }

        return first!;
    }

    /// <summary>Removes services; the next list must be without them.</summary>
    public static async Task RemoveAsync(ManagerConnection manager, IEnumerable<string> serviceIds, Random random, CancellationToken ct)
    {
        foreach (var serviceId in serviceIds)
        {
            await manager.RemoveAsync(serviceId, CreatingClient.NewRequestId(random), LimitOfCall, ct);
        }
    }
}
