using Microsoft.Extensions.Hosting;

namespace Cluster.Rpc.Server.Listening;

/// <summary>The host's default lifetime takes the process's signals; a server among several in a process must leave them to the process.</summary>
internal sealed class UnattendedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
