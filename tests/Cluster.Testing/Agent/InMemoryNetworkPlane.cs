using Cluster.Agent.Networking;
using Cluster.Model.Ids;

namespace Cluster.Testing.Agent;

/// <summary><see cref="INetworkPlane"/> on the same machine, and under the same lock, as an <see cref="InMemoryContainerRuntime"/>.</summary>
public sealed class InMemoryNetworkPlane(SimulatedMachine machine, InMemoryContainerRuntime runtime) : INetworkPlane
{
    public Task<NetworkSandbox> AttachAsync(NetworkRequest request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        NetworkSandbox? sandbox = null;
        runtime.Change(() => sandbox = machine.Attach(request));
        return Task.FromResult(sandbox!);
    }

    public Task DetachAsync(TaskId taskId, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        runtime.Change(() => machine.Detach(taskId));
        return Task.CompletedTask;
    }

    public Task ReconcileAsync(IReadOnlyCollection<NetworkRequest> wanted, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        runtime.Change(() => machine.Reconcile(wanted));
        return Task.CompletedTask;
    }
}
