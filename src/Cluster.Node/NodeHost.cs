using Cluster.Api.V1;
using Cluster.Node.Lifecycle;
using Cluster.Node.Local;
using Cluster.Node.Roles;
using Cluster.Rpc.Server;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Node;

/// <summary>
/// A daemon: the local socket, and the roles of the node if it is one. The socket answers from the first moment on, also when the
/// roles cannot start.
/// </summary>
public sealed partial class NodeHost
{
    private readonly NodeOptions _options;
    private readonly NodeLifecycle _lifecycle;
    private readonly RpcServer _local;
    private readonly ILogger _logger;

    /// <param name="alwaysServed">Services of the machine that need no cluster, such as images.</param>
    public NodeHost(NodeOptions options, INodeRoles roles, IReadOnlyList<ServerServiceDefinition> alwaysServed, Random random, TimeProvider timeProvider, ILoggerFactory loggers)
    {
        _options = options;
        _logger = loggers.CreateLogger<NodeHost>();
        _lifecycle = new NodeLifecycle(options, roles, random, timeProvider, loggers.CreateLogger<NodeLifecycle>());
        ManagerServiceGate gate = new(() => _lifecycle.Manager?.LocalServices, () => _lifecycle.Status.State);
        _local = new RpcServer(new RpcServerOptions
        {
            Endpoints = [RpcEndpoint.Unix(options.LocalSocketPath)],
            Services =
            [
                LocalNode.BindService(new LocalNodeService(_lifecycle, options)),
                gate.Open(binder => Control.BindService(binder, null)),
                gate.Open(binder => Logs.BindService(binder, null)),
                gate.Open(binder => Watch.BindService(binder, null)),
                gate.Open(binder => Health.BindService(binder, null)),
                gate.Open(binder => Managers.BindService(binder, null)),
                .. alwaysServed,
            ],
            OnUnhandled = (method, error) => LogUnhandled(_logger, method, error),
            TimeProvider = timeProvider,
            StopGrace = TimeSpan.FromSeconds(1),
        });
    }

    /// <summary>Until cancelled, or until the manager role fails, which throws; then the roles stop and containers go on.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(_options.RunDirectory);
        Directory.CreateDirectory(_options.StateDirectory);
        await using (_lifecycle)
        {
            await using (_local)
            {
                await _local.StartAsync(ct);
                LogListening(_logger, _options.LocalSocketPath);
                await _lifecycle.ResumeAsync(ct);
                TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
                await using (ct.Register(cancelled.SetResult)) await await Task.WhenAny(cancelled.Task, _lifecycle.ManagerFailed);
                await _local.StopAsync(CancellationToken.None);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening on {Path}")]
    private static partial void LogListening(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed unexpectedly")]
    private static partial void LogUnhandled(ILogger logger, string method, Exception error);
}
