using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Cluster.Api.V1;
using Cluster.Benchmarks.Labs;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Benchmarks.Kills;

/// <summary>Three managers of deploy/lab; a key is a service without replicas.</summary>
internal sealed class KilledCluster(BenchmarkLab lab) : IKilledGroup
{
    private static readonly string[] Hosts = ["m1", "m2", "m3"];
    private static readonly TimeSpan LimitOfCall = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly List<RpcChannel> _channels = [.. Hosts.Select(host => new RpcChannel(new RpcChannelOptions { Address = RpcAddress.Unix(BenchmarkLab.SocketOf(host)) }))];
    private int _next;

    public string Name => "cluster";

    public async Task PutAsync(string key, CancellationToken ct)
    {
        CreateServiceRequest request = new() { RequestId = NewRequestId(), Spec = new ServiceSpec { Name = key, Replicas = 0, Container = new ContainerSpec { Image = "lab/web:1" } } };
        await Any().CreateServiceAsync(request, Options(ct));
    }

    public void KillAll()
    {
        List<Process> daemons = [.. Hosts.Select(DaemonOf)];
        foreach (Process daemon in daemons) daemon.Kill();
        foreach (Process daemon in daemons)
        {
            daemon.WaitForExit();
            daemon.Dispose();
        }
    }

    public async Task StartAsync(CancellationToken ct)
    {
        foreach (string host in Hosts) await lab.RunAsync(["start", host], ct);
    }

    public async Task<IReadOnlyList<string>> KeysAsync(CancellationToken ct) => [.. (await ServicesAsync(ct)).Select(service => service.Spec.Name)];

    public async Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken ct)
    {
        HashSet<string> gone = [.. keys];
        foreach (Service service in await ServicesAsync(ct))
        {
            if (!gone.Contains(service.Spec.Name)) continue;
            string requestId = NewRequestId();
            await UntilAnsweredAsync(async () => await Any().RemoveServiceAsync(new RemoveServiceRequest { RequestId = requestId, ServiceId = service.Id }, Options(ct)), ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RpcChannel channel in _channels) await channel.DisposeAsync();
        await lab.DisposeAsync();
    }

    private async Task<List<Service>> ServicesAsync(CancellationToken ct)
    {
        List<Service> services = [];
        string after = "";
        do
        {
            string from = after;
            ListServicesResponse page = await UntilAnsweredAsync(async () => await Any().ListServicesAsync(new ListServicesRequest { AfterServiceId = from }, Options(ct)), ct);
            services.AddRange(page.Services);
            after = page.NextAfterServiceId;
        }
        while (after.Length > 0);
        return services;
    }

    private static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> call, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException) when (!ct.IsCancellationRequested)
            {
                await Task.Delay(Pause, TimeProvider.System, ct);
            }
        }
    }

    private Api.V1.Control.ControlClient Any() => new(_channels[(Interlocked.Increment(ref _next) & int.MaxValue) % _channels.Count]);

    /// <summary>The clusterd whose arguments name the host's state.</summary>
    private static Process DaemonOf(string host)
    {
        string run = Path.GetDirectoryName(BenchmarkLab.SocketOf(host))!;
        return Process.GetProcesses().First(process =>
            process.ProcessName == "clusterd" && File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/cmdline")).Split('\0').Contains(run));
    }

    private static string NewRequestId() => new RequestId(new UInt128(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), 1)).ToString();

    private static CallOptions Options(CancellationToken ct) => new(deadline: (TimeProvider.System.GetUtcNow() + LimitOfCall).UtcDateTime, cancellationToken: ct);
}
