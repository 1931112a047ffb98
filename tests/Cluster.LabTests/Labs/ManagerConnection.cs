using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.LabTests.Labs;

/// <summary>A manager by its local socket: what <c>cluster</c> does there, without a process for each call. Thread-safe.</summary>
internal sealed class ManagerConnection(string socket, string host) : IDisposable
{
    private readonly RpcChannel _channel = new(new RpcChannelOptions { Address = RpcAddress.Unix(socket) });

    public string Host => host;

    private Control.ControlClient Control => new(_channel);

    /// <summary>Creates a service without replicas. Whoever tries again takes the same request id.</summary>
    /// <exception cref="RpcException">It was refused, or nobody knows.</exception>
    public Task CreateAsync(string service, RequestId requestId, TimeSpan limit, CancellationToken ct) => CreateAsync(service, "", requestId, limit, ct);

    /// <param name="service">Its name.</param>
    /// <param name="label">The value of its label; empty: it has none.</param>
    /// <param name="requestId">Of all attempts.</param>
    /// <param name="limit">For the answer.</param>
    /// <param name="ct">Gives up.</param>
    public async Task CreateAsync(string service, string label, RequestId requestId, TimeSpan limit, CancellationToken ct)
    {
        var spec = new ServiceSpec { Name = service, Mode = ServiceMode.Replicated, Replicas = 0, Container = new ContainerSpec { Image = "lab/web:1" }, Network = NetworkMode.Bridge };
        if (label.Length > 0)
        {
            spec.Labels["label"] = label;
        }

        using var call = Control.CreateServiceAsync(new CreateServiceRequest { RequestId = requestId.ToString(), Spec = spec }, Options(limit, ct));
        await call;
    }

    /// <summary>The services by name.</summary>
    /// <exception cref="RpcException">The manager cannot tell.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ListAsync(TimeSpan limit, CancellationToken ct)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var after = ""; ;)
        {
            using var call = Control.ListServicesAsync(new ListServicesRequest { AfterServiceId = after }, Options(limit, ct));
            var page = await call;
            foreach (var service in page.Services)
            {
                found.Add(service.Spec.Name, service.Id);
            }

            if ((after = page.NextAfterServiceId).Length == 0)
            {
                return found;
            }
        }
    }

    /// <summary>The service as it is now.</summary>
    public async Task<Service> GetAsync(string service, TimeSpan limit, CancellationToken ct)
    {
        using var call = Control.GetServiceAsync(new GetServiceRequest { Service = service }, Options(limit, ct));
        return (await call).Service;
    }

    public async Task UpdateAsync(Service service, RequestId requestId, TimeSpan limit, CancellationToken ct)
    {
        var request = new UpdateServiceRequest { RequestId = requestId.ToString(), ServiceId = service.Id, Version = service.Meta.Version, Spec = service.Spec };
        using var call = Control.UpdateServiceAsync(request, Options(limit, ct));
        await call;
    }

    public async Task<int> FeatureLevelAsync(TimeSpan limit, CancellationToken ct)
    {
        using var call = Control.GetClusterAsync(new GetClusterRequest(), Options(limit, ct));
        return (await call).Cluster.FeatureLevel;
    }

    /// <summary>What the manager has sent to agents since it runs.</summary>
    public async Task<(ulong Assignments, ulong Bytes)> SentAsync(TimeSpan limit, CancellationToken ct)
    {
        using var call = new Managers.ManagersClient(_channel).DescribeManagerAsync(new DescribeManagerRequest(), Options(limit, ct));
        var answer = await call;
        return (answer.AssignmentsSent, answer.AssignmentBytesSent);
    }

    public async Task RemoveAsync(string serviceId, RequestId requestId, TimeSpan limit, CancellationToken ct)
    {
        using var call = Control.RemoveServiceAsync(new RemoveServiceRequest { RequestId = requestId.ToString(), ServiceId = serviceId }, Options(limit, ct));
        await call;
    }

    public void Dispose() => _channel.Dispose();

    private static CallOptions Options(TimeSpan limit, CancellationToken ct) => new(deadline: (TimeProvider.System.GetUtcNow() + limit).UtcDateTime, cancellationToken: ct);
}
