using System.Globalization;
using Cluster.LabTests.Labs;
using Grpc.Core;

namespace Cluster.LabTests.Quorum;

/// <summary>
/// Adds a label that was never there to a service of its own, again and again, each change until it is acknowledged, at the next manager when one does
/// not answer. A label that it was told is there must be found on every manager. Not thread-safe.
/// </summary>
internal sealed class LabellingClient(IReadOnlyList<ManagerConnection> managers, string service, Random random)
{
    /// <summary>A service may have a thousand labels.</summary>
    private const int MostLabels = 900;

    private static readonly TimeSpan LimitOfAttempt = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    private readonly List<string> _labels = [];
    private int _manager = random.Next(managers.Count);

    public string Service => service;

    /// <summary>The labels that were acknowledged.</summary>
    public IReadOnlyList<string> Labels => _labels;

    public async Task CreateAsync(CancellationToken ct)
    {
        var requestId = CreatingClient.NewRequestId(random);
        await UntilAnsweredAsync(manager => manager.CreateAsync(service, requestId, LimitOfAttempt, ct), ct);
    }

    /// <summary>Goes on until <paramref name="stopping"/> is cancelled and its last change is acknowledged, or there is no room for more labels.</summary>
    public async Task RunAsync(CancellationToken stopping, CancellationToken ct)
    {
        while (!stopping.IsCancellationRequested && _labels.Count < MostLabels)
        {
            await AddAsync(ct);
            await Task.Delay(Pause, TimeProvider.System, ct);
        }
    }

    /// <summary>Throws with those of the first labels that the manager does not show.</summary>
    public async Task CheckAsync(ManagerConnection manager, int count, CancellationToken ct)
    {
        var found = await manager.GetAsync(service, LimitOfAttempt, ct);
        var lost = _labels.Take(count).Where(label => !found.Spec.Labels.ContainsKey(label)).ToList();
        if (lost.Count > 0)
        {
            throw new InvalidOperationException($"{manager.Host} lost {lost.Count} of {count} acknowledged labels of {service}: {string.Join(' ', lost)}");
        }
    }

    private async Task AddAsync(CancellationToken ct)
    {
        var label = string.Create(CultureInfo.InvariantCulture, $"label-{_labels.Count}");
        var requestId = CreatingClient.NewRequestId(random);
        Api.V1.Service? changed = null;
        await UntilAnsweredAsync(async manager =>
        {
            // The same change with every attempt: it counts once.
            changed ??= await manager.GetAsync(service, LimitOfAttempt, ct);
            changed.Spec.Labels[label] = "1";
            await manager.UpdateAsync(changed, requestId, LimitOfAttempt, ct);
        }, ct);
        _labels.Add(label);
    }

    private async Task UntilAnsweredAsync(Func<ManagerConnection, Task> change, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await change(managers[_manager]);
                return;
            }
            catch (RpcException e) when (CreatingClient.IsUnknown(e) && !ct.IsCancellationRequested)
            {
                _manager = (_manager + 1) % managers.Count;
                await Task.Delay(Pause, TimeProvider.System, ct);
            }
        }
    }
}
