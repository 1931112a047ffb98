using Cluster.Manager;
using Cluster.Node.Roles;
using Grpc.Core;

namespace Cluster.Daemon.Wiring;

internal sealed class RunningManager(ManagerRole role) : IManagerRole
{
    public Task Completion => role.Completion;

    public IReadOnlyList<Action<ServiceBinderBase>> LocalServices => role.LocalServices;

    public ValueTask DisposeAsync() => role.DisposeAsync();
}
