using Cluster.Api.V1;
using Cluster.Manager.Hosting;
using Cluster.Model;
using Cluster.Model.Time;
using Cluster.Rpc.Server;
using Cluster.Store.Replication;
using Grpc.Core;

namespace Cluster.Manager.Services;

/// <summary>Sends each committed change once and in order, from the replica's bounded history. A reader that is slower than the history is told to list again.</summary>
internal sealed class WatchService(ControlThread control, TimeProvider timeProvider) : Watch.WatchBase
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    public override async System.Threading.Tasks.Task Watch(WatchRequest request, IServerStreamWriter<WatchBatch> responseStream, ServerCallContext context)
    {
        WatchEvents events = new(request);
        ClusterTime until = ReadTime(request.UntilTicks, "until_ticks");
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, context.GetStopToken());
        CancellationToken ct = ending.Token;
        WatchBatch start = await StartAsync(request, ct);
        ulong version = start.Version;
        await responseStream.WriteAsync(start, ct);
        while (true)
        {
            System.Threading.Tasks.Task next = control.Committed.NextAsync(ct);
            bool isOver = !until.IsNone && timeProvider.GetUtcNow() >= until.ToUtc();
            WatchWindow window = control.Replica.WatchFrom(version);
            if (window.Compacted)
            {
                throw new RpcException(new Status(StatusCode.OutOfRange, $"compacted: changes after version {version} are not kept any more; list again and watch from the list's version"));
            }

            foreach (ChangeBatch batch in window.Batches)
            {
                if (!until.IsNone && batch.Time >= until) return;
                version = batch.Version;
                WatchBatch message = new() { Version = batch.Version, ClusterTimeTicks = batch.Time.Ticks, Actor = batch.Actor, Events = { events.Of(batch) } };
                if (message.Events.Count > 0) await responseStream.WriteAsync(message, ct);
            }

            if (!window.Batches.IsEmpty) continue;
            if (isOver) return;
            await (until.IsNone ? next : System.Threading.Tasks.Task.WhenAny(next, DelayUntilAsync(until, ct)));
            ct.ThrowIfCancellationRequested();
        }
    }

    private async Task<WatchBatch> StartAsync(WatchRequest request, CancellationToken ct)
    {
        ClusterTime since = ReadTime(request.SinceTicks, "since_ticks");
        if (request.AfterVersion != 0)
        {
            if (!since.IsNone) throw Replies.Refused(RefusalKind.Invalid, "since_ticks: allowed without after_version only");
            return new WatchBatch { Version = await ReachedAsync(request.AfterVersion, ct) };
        }

        // What was acknowledged before the call is not news; what is asked for since a time must be here first.
        ulong now = (await Replies.Of(() => control.ReadAsync(ct))).Version;
        if (since.IsNone) return new WatchBatch { Version = now };
        ulong start = control.Replica.VersionBefore(since, out bool isComplete);
        return new WatchBatch { Version = start, Incomplete = !isComplete };
    }

    /// <summary>A cluster that was restored from a backup is at a version of before: who waits for one that was given up would miss all until then.</summary>
    private async Task<ulong> ReachedAsync(ulong version, CancellationToken ct)
    {
        if (version <= control.Committed.Current.Version) return version;
        ulong now = (await Replies.Of(() => control.ReadAsync(ct))).Version;
        return version <= now
            ? version
            : throw new RpcException(new Status(
                StatusCode.OutOfRange, $"after_version: the cluster is at version {now} and has not reached {version}; perhaps it was restored from a backup: list again and watch from the list's version"));
    }

    private System.Threading.Tasks.Task DelayUntilAsync(ClusterTime until, CancellationToken ct)
    {
        TimeSpan left = until.ToUtc() - timeProvider.GetUtcNow();
        return System.Threading.Tasks.Task.Delay(left < TimeSpan.Zero ? TimeSpan.Zero : left > LongestDelay ? LongestDelay : left, timeProvider, ct);
    }

    private static ClusterTime ReadTime(long ticks, string field) =>
        ticks is >= 0 && ticks <= DateTime.MaxValue.Ticks ? new ClusterTime(ticks) : throw Replies.Refused(RefusalKind.Invalid, $"{field}: {ticks} is no time");
}
