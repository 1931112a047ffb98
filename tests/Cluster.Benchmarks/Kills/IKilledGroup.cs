namespace Cluster.Benchmarks.Kills;

/// <summary>Three processes that keep keys, all of which are killed again and again.</summary>
internal interface IKilledGroup : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Returns when the key was acknowledged; throws <see cref="Grpc.Core.RpcException"/> when nobody knows.</summary>
    Task PutAsync(string key, CancellationToken ct);

    void KillAll();

    /// <summary>Starts all of them again.</summary>
    Task StartAsync(CancellationToken ct);

    /// <summary>All keys that there are, as a majority has them. Waits until there is one.</summary>
    Task<IReadOnlyList<string>> KeysAsync(CancellationToken ct);

    Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken ct);
}
