using Cluster.Benchmarks.Quorum;

namespace Cluster.Benchmarks.Kills;

internal sealed class KilledEtcd(EtcdGroup group) : IKilledGroup
{
    public string Name => group.Name;

    public Task PutAsync(string key, CancellationToken ct) => group.PutAsync(key, ct);

    public void KillAll() => group.KillAll();

    public Task StartAsync(CancellationToken ct) => group.StartAsync(ct);

    public Task<IReadOnlyList<string>> KeysAsync(CancellationToken ct) => group.KeysAsync(ct);

    public Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken ct) => group.DeleteAllAsync(ct);

    public ValueTask DisposeAsync() => group.DisposeAsync();
}
