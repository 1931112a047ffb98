using System.Globalization;
using System.Net;
using Cluster.Rpc;
using Cluster.Rpc.Server;
using Grpc.Core;

namespace Cluster.Benchmarks.Rpc;

/// <summary>Unary calls of 16 bytes per second, client and server in this process, so that both share the machine's cores.</summary>
public static class RpcBenchmark
{
    private const int MessageBytes = 16;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(3);
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(message => message, bytes => bytes);
    private static readonly Method<byte[], byte[]> Echo = new(MethodType.Unary, "cluster.benchmark.Echo", "Unary", Bytes, Bytes);

    public static async Task RunAsync(TextWriter output, CancellationToken cancellationToken)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("rpc-benchmark-");
        try
        {
            await MeasureAsync(output, Path.Combine(directory.FullName, "rpc.sock"), cancellationToken);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(TextWriter output, string socketPath, CancellationToken cancellationToken)
    {
        BenchmarkIdentity identity = BenchmarkIdentity.Create(TimeProvider.System);
        var serverTls = new RpcServerTls { Certificate = () => identity.Context, TrustedRoots = () => identity.Roots };
        var clientTls = new RpcClientTls { Certificate = () => identity.Context, TrustedRoots = () => identity.Roots };
        await using var server = new RpcServer(new RpcServerOptions
        {
            Endpoints = [RpcEndpoint.Tcp(new IPEndPoint(IPAddress.Loopback, 0), serverTls), RpcEndpoint.Unix(socketPath)],
            Services = [ServerServiceDefinition.CreateBuilder().AddMethod(Echo, (request, _) => Task.FromResult(request)).Build()],
        });
        await server.StartAsync(cancellationToken);

        await output.WriteLineAsync("rpc: transport, calls outstanding, calls/s");
        var overTls = new RpcChannelOptions { Address = RpcAddress.Tcp("localhost", server.Port), Tls = clientTls };
        var overUnix = new RpcChannelOptions { Address = RpcAddress.Unix(socketPath) };
        foreach ((string name, RpcChannelOptions options) in ((string, RpcChannelOptions)[])[("mutual TLS", overTls), ("unix socket", overUnix)])
            foreach (int outstanding in (int[])[1, 64])
                await MeasureAsync(output, name, options, outstanding, cancellationToken);
    }

    private static async Task MeasureAsync(
        TextWriter output, string name, RpcChannelOptions options, int outstanding, CancellationToken cancellationToken)
    {
        await using var channel = new RpcChannel(options);
        CallInvoker invoker = channel.CreateCallInvoker();
        await CallAsync(invoker, outstanding, WarmUp, cancellationToken);
        double callsPerSecond = await CallAsync(invoker, outstanding, Measured, cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"rpc: {name,-12} {outstanding,3} {callsPerSecond,10:F0}"));
    }

    private static async Task<double> CallAsync(CallInvoker invoker, int outstanding, TimeSpan time, CancellationToken cancellationToken)
    {
        long begin = TimeProvider.System.GetTimestamp();
        long[] counts = await Task.WhenAll(Enumerable.Range(0, outstanding).Select(_ => Task.Run(LoopAsync, cancellationToken)));
        return counts.Sum() / TimeProvider.System.GetElapsedTime(begin).TotalSeconds;

        async Task<long> LoopAsync()
        {
            var message = new byte[MessageBytes];
            long count = 0;
            for (; TimeProvider.System.GetElapsedTime(begin) < time; count++)
            {
                using AsyncUnaryCall<byte[]> call = invoker.AsyncUnaryCall(Echo, null, new CallOptions(cancellationToken: cancellationToken), message);
                await call;
            }
            return count;
        }
    }
}
