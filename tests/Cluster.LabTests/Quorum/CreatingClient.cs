using System.Globalization;
using Cluster.LabTests.Labs;
using Cluster.Model.Ids;
using Grpc.Core;

namespace Cluster.LabTests.Quorum;

/// <summary>
/// Creates one service after the other and tries each until it is acknowledged, at the next manager when one does not answer. Not thread-safe.
/// </summary>
/// <param name="managers">Whom it asks.</param>
/// <param name="name">The start of its services' names.</param>
/// <param name="random">What decides.</param>
/// <param name="label">The value of a label that all of them have; empty: none.</param>
internal sealed class CreatingClient(IReadOnlyList<ManagerConnection> managers, string name, Random random, string label = "")
{
    private static readonly TimeSpan LimitOfAttempt = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly List<(string Name, long Begun, long Acknowledged)> _creates = [];
    private int _manager = random.Next(managers.Count);
    private int _next;

    /// <summary>The names of the services that it was told are there.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_creates) return [.. _creates.Select(create => create.Name)];
        }
    }

    /// <summary>When the first create was acknowledged whose last attempt began after that moment, or null.</summary>
    public long? FirstAfter(long moment)
    {
        lock (_creates) return _creates.Where(create => create.Begun > moment).Select(create => (long?)create.Acknowledged).FirstOrDefault();
    }

    /// <summary>Goes on until <paramref name="stopping"/> is cancelled and its last create is acknowledged.</summary>
    public async Task RunAsync(CancellationToken stopping, CancellationToken ct)
    {
        while (!stopping.IsCancellationRequested)
        {
            await CreateAsync(ct);
            await Task.Delay(Pause, TimeProvider.System, ct);
        }
    }

    /// <summary>Creates one service more, however long it takes.</summary>
    public async Task CreateAsync(CancellationToken ct)
    {
        var service = name + (_next++).ToString(CultureInfo.InvariantCulture);
        var requestId = NewRequestId(random);
        while (true)
        {
            var begun = TimeProvider.System.GetTimestamp();
            try
            {
                await managers[_manager].CreateAsync(service, label, requestId, LimitOfAttempt, ct);
                lock (_creates) _creates.Add((service, begun, TimeProvider.System.GetTimestamp()));
                return;
            }
            catch (RpcException e) when (IsUnknown(e) && !ct.IsCancellationRequested)
            {
                _manager = (_manager + 1) % managers.Count;
                await Task.Delay(Pause, TimeProvider.System, ct);
            }
        }
    }

    public static RequestId NewRequestId(Random random) => new(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64(1, long.MaxValue)));

    /// <summary>Whether nobody said no: it may have happened or not, or was not looked at. A daemon that starts is no manager yet, and one that is locked waits.</summary>
    public static bool IsUnknown(RpcException e) =>
        e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled
        || e is { StatusCode: StatusCode.FailedPrecondition, Status.Detail: var detail } && (detail.StartsWith("this node is not a manager", StringComparison.Ordinal) || detail.StartsWith("this node is locked", StringComparison.Ordinal));
}
