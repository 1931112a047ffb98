using Cluster.LabTests.Labs;

namespace Cluster.LabTests.Quorum;

/// <summary>Several clients that add labels while a test does something to the managers.</summary>
internal sealed class LabelLoad : IDisposable
{
    private const int Clients = 3;

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<LabellingClient> _clients;
    private readonly Task _running;

    private LabelLoad(List<LabellingClient> clients, CancellationToken ct)
    {
        _clients = clients;
        _running = Task.WhenAll(clients.Select(client => client.RunAsync(_stopping.Token, ct)));
    }

    /// <summary>How many changes were acknowledged so far.</summary>
    public int Acknowledged => _clients.Sum(client => client.Labels.Count);

    public static async Task<LabelLoad> StartAsync(IReadOnlyList<ManagerConnection> managers, Random random, CancellationToken ct)
    {
        List<LabellingClient> clients = [.. Enumerable.Range(0, Clients).Select(i => new LabellingClient(managers, $"labelled-{i}", new Random(random.Next())))];
        foreach (var client in clients)
        {
            await client.CreateAsync(ct);
        }

        return new LabelLoad(clients, ct);
    }

    /// <summary>How many labels of each service were acknowledged so far, for <see cref="CheckAsync"/>.</summary>
    public IReadOnlyList<int> Counts() => [.. _clients.Select(client => client.Labels.Count)];

    /// <summary>Waits until the last change of every client is acknowledged.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    /// <summary>Every manager must show so many labels of each service: those that were acknowledged by then.</summary>
    public async Task CheckAsync(IReadOnlyList<ManagerConnection> managers, IReadOnlyList<int> counts, CancellationToken ct)
    {
        foreach (var manager in managers)
        {
            foreach (var (client, count) in _clients.Zip(counts))
            {
                await client.CheckAsync(manager, count, ct);
            }
        }
    }

    /// <summary>Every manager must show every label that was acknowledged. Removes the services.</summary>
    public async Task CheckAndRemoveAsync(IReadOnlyList<ManagerConnection> managers, Random random, CancellationToken ct)
    {
        await CheckAsync(managers, Counts(), ct);
        await RemoveAsync(managers, random, ct);
    }

    public async Task RemoveAsync(IReadOnlyList<ManagerConnection> managers, Random random, CancellationToken ct)
    {
        var services = await QuorumState.ServicesAsync(managers, ct);
        await QuorumState.RemoveAsync(managers[0], _clients.Select(client => services[client.Service]), random, ct);
    }

    public void Dispose() => _stopping.Dispose();
}
