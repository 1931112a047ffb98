using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Grpc.Core;

namespace Cluster.Manager.Services;

internal sealed class HealthService(ControlThread control) : Health.HealthBase
{
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => System.Threading.Tasks.Task.FromResult(new HealthCheckResponse
    {
        Serving = control.Committed.Current.Cluster is not null,
        Leader = control.IsLeading,
        AppliedVersion = control.Committed.Current.Version,
    });
}
