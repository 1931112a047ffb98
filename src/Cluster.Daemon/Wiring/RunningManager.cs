using System.Collections.Immutable;
using Cluster.Manager;
using Cluster.Node.Roles;
using Grpc.Core;

namespace Cluster.Daemon.Wiring;

internal sealed class RunningManager(ManagerRole role) : IManagerRole
{
    public Task Completion => role.Completion;

    public IReadOnlyList<Action<ServiceBinderBase>> LocalServices => role.LocalServices;

    public void UseDataKey(ImmutableArray<byte> dataKey) => role.UseDataKey(dataKey);

    public Task SaveSnapshotAsync(CancellationToken ct) => role.SaveSnapshotAsync(ct);

    public bool NeedsDataKey(ImmutableArray<byte> dataKey) => role.NeedsDataKey(dataKey);

    public ValueTask DisposeAsync() => role.DisposeAsync();
}
