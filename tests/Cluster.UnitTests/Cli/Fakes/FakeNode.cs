using Cluster.Api.V1;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Cli.Fakes;

internal sealed class FakeNode : LocalNode.LocalNodeBase
{
    public InitRequest? Initialised { get; private set; }

    public JoinRequest? Joined { get; private set; }

    public LeaveRequest? Left { get; private set; }

    public string NodeId { get; set; } = "";

    public LocalNodeState State { get; set; } = LocalNodeState.Active;

    public UnlockRequest? Unlocked { get; private set; }

    public override Task<GetNodeStatusResponse> GetStatus(GetNodeStatusRequest request, ServerCallContext context) =>
        Task.FromResult(new GetNodeStatusResponse { NodeId = NodeId, DaemonVersion = "9.9", State = State });

    public override Task<InitResponse> Init(InitRequest request, ServerCallContext context)
    {
        Initialised = request;
        return Task.FromResult(new InitResponse { NodeId = "node-1", WorkerToken = "WORKER-TOKEN", ManagerAddress = "192.0.2.1:2377" });
    }

    public override Task<JoinResponse> Join(JoinRequest request, ServerCallContext context)
    {
        Joined = request;
        return Task.FromResult(new JoinResponse { NodeId = "node-2", Role = NodeRole.Worker });
    }

    public override Task<LeaveResponse> Leave(LeaveRequest request, ServerCallContext context)
    {
        Left = request;
        return request.Force ? Task.FromResult(new LeaveResponse()) : throw new RpcException(new Status(StatusCode.FailedPrecondition, "this is the last manager: use --force"));
    }

    public override Task<UnlockResponse> Unlock(UnlockRequest request, ServerCallContext context)
    {
        Unlocked = request;
        return Task.FromResult(new UnlockResponse());
    }

    public override Task<ListOwnedResponse> ListOwned(ListOwnedRequest request, ServerCallContext context) =>
        Task.FromResult(new ListOwnedResponse { TaskIds = { "t1", "t2" }, ContainerNamespace = "cluster" });
}

internal sealed class FakeImages : Images.ImagesBase
{
    public byte[] Loaded { get; private set; } = [];

    public override async Task<LoadImageResponse> LoadImage(IAsyncStreamReader<LoadImageRequest> requestStream, ServerCallContext context)
    {
        using MemoryStream all = new();
        await foreach (LoadImageRequest request in requestStream.ReadAllAsync(context.CancellationToken)) all.Write(request.Data.Span);
        Loaded = all.ToArray();
        return new LoadImageResponse { References = { "lab/web:1" } };
    }

    public override Task<ListImagesResponse> ListImages(ListImagesRequest request, ServerCallContext context) => Task.FromResult(new ListImagesResponse
    {
        Images = { new Image { Reference = "docker.io/lab/web:1", Digest = "sha256:" + new string('a', 64), SizeBytes = 1_420_000, CreatedAtTicks = Records.Ago(TimeSpan.FromHours(3)) } },
    });
}

internal sealed class FakeLogs : Logs.LogsBase
{
    public SubscribeLogsRequest? Asked { get; private set; }

    public List<LogBatch> Batches { get; } = [];

    public override async Task SubscribeLogs(SubscribeLogsRequest request, IServerStreamWriter<LogBatch> responseStream, ServerCallContext context)
    {
        Asked = request;
        foreach (LogBatch batch in Batches) await responseStream.WriteAsync(batch, context.CancellationToken);
    }

    public static LogLine Line(string taskId, string text, LogStream stream = LogStream.Stdout) =>
        new() { TaskId = taskId, NodeId = Records.W1, Stream = stream, AtTicks = 638_000_000_000_000_000, Data = ByteString.CopyFromUtf8(text) };
}

/// <summary>Says where the watch starts, then sends what the test has given it, then waits; or is not there.</summary>
internal sealed class FakeWatch : Watch.WatchBase
{
    private readonly System.Threading.Channels.Channel<WatchBatch> _batches = System.Threading.Channels.Channel.CreateUnbounded<WatchBatch>();

    public bool IsMissing { get; set; }

    public WatchRequest? Asked { get; private set; }

    public void Send(WatchBatch batch) => _batches.Writer.TryWrite(batch);

    /// <summary>The watch ends after what was sent.</summary>
    public void End() => _batches.Writer.Complete();

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchBatch> responseStream, ServerCallContext context)
    {
        if (IsMissing) throw new RpcException(new Status(StatusCode.Unimplemented, "no watch"));
        Asked = request;
        await responseStream.WriteAsync(new WatchBatch { Version = 1 }, context.CancellationToken);
        await foreach (WatchBatch batch in _batches.Reader.ReadAllAsync(context.CancellationToken)) await responseStream.WriteAsync(batch, context.CancellationToken);
    }
}
