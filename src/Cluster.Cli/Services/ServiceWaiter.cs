using Cluster.Api.Codec;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Model.Ids;
using Grpc.Core;

namespace Cluster.Cli.Services;

/// <summary>
/// Waits until a service is as its spec wants it and stays so for a moment. Follows the watch service; where that is not to be had,
/// or breaks, it asks again from time to time.
/// </summary>
internal sealed class ServiceWaiter(DaemonConnection daemon, CliContext context, bool isQuiet)
{
    /// <summary>A container that ends at once must not count as running.</summary>
    private static readonly TimeSpan StableFor = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(500);

    private readonly ProgressDisplay _display = new(isQuiet ? TextWriter.Null : context.Error, context.IsTerminal);
    private long? _convergedSince;

    public async Task WaitAsync(string serviceId, CancellationToken ct)
    {
        bool isWatching = true;
        try
        {
            while (!await (isWatching ? WatchAsync(serviceId, ct) : PollAsync(serviceId, ct))) isWatching = false;
        }
        catch (Exception e) when (ct.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            throw new CliException($"no longer waiting; the cluster goes on with it: 'cluster service ps {serviceId}' shows how far it is");
        }
    }

    /// <summary>True when converged; false when the watch is over before.</summary>
    private async Task<bool> WatchAsync(string serviceId, CancellationToken ct)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        WatchRequest request = new() { ServiceId = serviceId, Kinds = { WatchKind.Service, WatchKind.Task } };
        using AsyncServerStreamingCall<WatchBatch> watch = daemon.Watch.Watch(request, cancellationToken: ending.Token);
        try
        {
            // The first batch says that the watch has begun; what is listed after that misses nothing.
            if (!await watch.ResponseStream.MoveNext(ct)) return false;
            ServiceProgress progress = await LoadAsync(serviceId, ct);
            Task<bool> next = watch.ResponseStream.MoveNext(ct);
            while (!IsStable(progress))
            {
                await Task.WhenAny(next, Task.Delay(PollPeriod, context.Time, ct));
                ct.ThrowIfCancellationRequested();
                if (!next.IsCompleted) continue;
                if (!await next) return false;
                Apply(progress, watch.ResponseStream.Current);
                next = watch.ResponseStream.MoveNext(ct);
            }

            await ending.CancelAsync();
            return true;
        }
        catch (RpcException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>One look; false while not converged.</summary>
    private async Task<bool> PollAsync(string serviceId, CancellationToken ct)
    {
        ServiceProgress progress = await LoadAsync(serviceId, ct);
        if (IsStable(progress)) return true;
        await Task.Delay(PollPeriod, context.Time, ct);
        return false;
    }

    private async Task<ServiceProgress> LoadAsync(string serviceId, CancellationToken ct)
    {
        GetServiceResponse service = await daemon.GetServiceAsync(serviceId, ct);
        return new ServiceProgress(service.Service.ToModel(), await daemon.ListTasksAsync(serviceId, "", ct));
    }

    private static void Apply(ServiceProgress progress, WatchBatch batch)
    {
        foreach (WatchEvent change in batch.Events)
        {
            switch (change.ObjectCase)
            {
                case WatchEvent.ObjectOneofCase.Task when change.Deleted:
                    progress.Delete(TaskId.Parse(change.Task.Id));
                    break;
                case WatchEvent.ObjectOneofCase.Task:
                    progress.Put(change.Task.ToModel());
                    break;
                case WatchEvent.ObjectOneofCase.Service when change.Deleted:
                    progress.DeleteService();
                    break;
                case WatchEvent.ObjectOneofCase.Service:
                    progress.Put(change.Service.ToModel());
                    break;
            }
        }
    }

    private bool IsStable(ServiceProgress progress)
    {
        if (progress.IsRemoved || progress.Service.Removing) throw new CliException($"service {progress.Service.Spec.Name} was removed in the meantime");
        _display.Show(progress);
        if (!progress.IsConverged)
        {
            _convergedSince = null;
            return false;
        }

        _convergedSince ??= context.Time.GetTimestamp();
        if (progress.Wanted > 0 && context.Time.GetElapsedTime(_convergedSince.Value) < StableFor) return false;
        _display.Finish($"verify: service {progress.Service.Spec.Name} converged");
        return true;
    }
}
