using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Model.Ids;
using Cluster.Rpc;
using Grpc.Core;
using ContainerSpec = Cluster.Model.Specs.ContainerSpec;
using ControlClient = Cluster.Api.V1.Control.ControlClient;
using ServiceSpec = Cluster.Model.Specs.ServiceSpec;
using Task = System.Threading.Tasks.Task;

using Cluster.Benchmarks.Labs;

namespace Cluster.Benchmarks.Create;

/// <summary>
/// From the call that creates a service of thirty replicas until all of them run, on one host with a real containerd; beside it the same
/// thirty containers made and started without a cluster. Rounds are interleaved; medians. Needs root.
/// </summary>
public static class CreateBenchmark
{
    private const int Replicas = 30;
    private const int Rounds = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    internal static ContainerSpec Container => new() { Image = "lab/web:1" };

    public static async Task RunAsync(TextWriter output, CancellationToken ct)
    {
        if (Environment.UserName != "root") throw new InvalidOperationException("the benchmark 'create' runs containers: start it with sudo");
        await using BenchmarkLab lab = await BenchmarkLab.StartAsync(managers: 1, ct);
        await using BareEngine engine = await BareEngine.StartAsync(lab.ImageArchive, ct);
        await using var channel = new RpcChannel(new RpcChannelOptions { Address = RpcAddress.Unix(BenchmarkLab.Socket) });
        var control = new ControlClient(channel);

        // The first round warms both up.
        await engine.RunAsync(Replicas, ct);
        await CreateAsync(control, ct);
        var (clusters, bares) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (int round = 1; round <= Rounds; round++)
        {
            bares.Add(await engine.RunAsync(Replicas, ct));
            clusters.Add(await CreateAsync(control, ct));
            await output.WriteLineAsync(Line($"round {round}", clusters[^1], bares[^1]));
        }

        await output.WriteLineAsync(Line("median", Median(clusters), Median(bares)));
    }

    /// <returns>The time from the call until all tasks run; then the service is removed.</returns>
    private static async Task<TimeSpan> CreateAsync(ControlClient control, CancellationToken ct)
    {
        var spec = new ServiceSpec { Name = "benchmark", Replicas = Replicas, Container = Container };
        long begin = TimeProvider.System.GetTimestamp();
        Service service = (await Do(control.CreateServiceAsync(new CreateServiceRequest { RequestId = NewRequestId(), Spec = spec.ToProto() }, cancellationToken: ct))).Service;
        while ((await Do(control.GetServiceAsync(new GetServiceRequest { Service = service.Id }, cancellationToken: ct))).Counts.Running < Replicas)
            await Task.Delay(Pause, TimeProvider.System, ct);
        TimeSpan elapsed = TimeProvider.System.GetElapsedTime(begin);

        await Do(control.RemoveServiceAsync(new RemoveServiceRequest { RequestId = NewRequestId(), ServiceId = service.Id }, cancellationToken: ct));
        while ((await Do(control.ListTasksAsync(new ListTasksRequest(), cancellationToken: ct))).Tasks.Count > 0)
            await Task.Delay(Pause, TimeProvider.System, ct);
        return elapsed;
    }

    private static async Task<T> Do<T>(AsyncUnaryCall<T> pending)
    {
        using AsyncUnaryCall<T> call = pending;
        return await call;
    }

    private static string NewRequestId() => new RequestId(BinaryPrimitives.ReadUInt128BigEndian(RandomNumberGenerator.GetBytes(16)) | UInt128.One).ToString();

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private static string Line(string what, TimeSpan cluster, TimeSpan bare) => string.Create(
        CultureInfo.InvariantCulture,
        $"create: {what,-8} {Replicas} replicas run after {cluster.TotalSeconds:F2} s; the same containers without a cluster {bare.TotalSeconds:F2} s ({bare / cluster:P0} of it)");
}
