using System.Reflection;
using System.Security.Cryptography;
using Cluster.Agent.Images;
using Cluster.Containers;
using Cluster.Daemon.Wiring;
using Cluster.Network;
using Cluster.Node;
using Microsoft.Extensions.Logging;

namespace Cluster.Daemon;

/// <summary>Puts the parts together and runs them until SIGTERM or SIGINT, or until a part fails.</summary>
internal static class DaemonProgram
{
    public static async Task<int> RunAsync(DaemonOptions options, CancellationToken ct)
    {
        using ILoggerFactory loggers = DaemonLogging.Create(options);
        ILogger logger = loggers.CreateLogger("Cluster.Daemon");
        try
        {
            Directory.CreateDirectory(options.StateDirectory);
            Directory.CreateDirectory(options.RunDirectory);
            await RunPartsAsync(options, loggers, ct);
            return 0;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e)
        {
            logger.LogCritical(e, "clusterd ends");
            return 1;
        }
    }

    private static async Task RunPartsAsync(DaemonOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        TimeProvider time = TimeProvider.System;
        NodeOptions node = new()
        {
            StateDirectory = options.StateDirectory,
            RunDirectory = options.RunDirectory,
            Version = Version,
            ContainerNamespace = options.ContainerNamespace,
            AdvertiseAddress = options.AdvertiseAddress,
            ListenAddress = options.ListenAddress,
        };
        using ContainerEngine engine = new(
            new ContainerEngineOptions
            {
                StateDirectory = options.StateDirectory,
                RunDirectory = options.RunDirectory,
                Namespace = options.ContainerNamespace,
                ExternalSocket = options.ContainerdSocket,
            },
            time,
            loggers);
        using BridgeNetworkPlane network = new(new NetworkOptions { RunDirectory = options.RunDirectory }, loggers.CreateLogger<BridgeNetworkPlane>());
        DaemonRoles roles = new(engine, network, Version, time, loggers);
        NodeHost host = new(node, roles, [ImageServices.Bind(engine.Images)], new Random(RandomNumberGenerator.GetInt32(int.MaxValue)), time, loggers);

        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] parts = [host.RunAsync(ending.Token), engine.RunAsync(ending.Token)];
        Task first = await Task.WhenAny(parts);
        await ending.CancelAsync();
        await Task.WhenAll(parts).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await first;
    }

    private static string Version => Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
