using Cluster.Rpc.Server;
using Cluster.UnitTests.Rpc.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.UnitTests.Rpc;

/// <summary>Answers as the request's text says. The interop scripts know the same texts.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    /// <summary>Released when a handler begins to wait.</summary>
    public SemaphoreSlim Waiting { get; } = new(0);

    /// <summary>Released when a handler was cancelled.</summary>
    public SemaphoreSlim Cancelled { get; } = new(0);

    /// <summary>Lets handlers that hold go on.</summary>
    public SemaphoreSlim Hold { get; } = new(0);

    public int Calls;

    public override async Task<EchoMessage> Unary(EchoMessage request, ServerCallContext context)
    {
        Interlocked.Increment(ref Calls);
        switch (request.Text)
        {
            case "fail":
                context.ResponseTrailers.Add("why", "because");
                context.ResponseTrailers.Add("raw-bin", [0, 255, 7]);
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "no: ä%\n"));
            case "throw": throw new InvalidOperationException("secret");
            case "null": return null!;
            case "status":
                context.Status = new Status(StatusCode.DataLoss, "set");
                return request;
            case "metadata":
                await context.WriteResponseHeadersAsync(new Metadata
                {
                    { "seen", context.RequestHeaders.GetValue("x-in") ?? "-" },
                    { "seen-bin", context.RequestHeaders.GetValueBytes("x-in-bin") ?? [] },
                });
                context.ResponseTrailers.Add("t", "1");
                context.ResponseTrailers.Add("t", "2");
                return request;
            case "wait":
                await WaitForCancellationAsync(context.CancellationToken);
                return request;
            case "hold":
                Waiting.Release();
                await Hold.WaitAsync(CancellationToken.None); // ignores its token on purpose
                return request;
            case "deadline":
                return new EchoMessage { Number = context.Deadline == DateTime.MaxValue ? -1 : context.Deadline.Ticks };
            case "who":
                RpcPeer peer = context.GetRpcPeer();
                return new EchoMessage { Text = $"{peer.Certificate?.Subject ?? "-"}|{peer.IsLocal}|{peer.UserId}", Number = peer.ProcessId ?? 0 };
            case "big": return new EchoMessage { Blob = ByteString.CopyFrom(new byte[request.Number]) };
            default: return request;
        }
    }

    public override async Task ServerStream(EchoMessage request, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
    {
        if (request.Text == "gather") responseStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        try
        {
            for (long i = 0; request.Number < 0 || i < request.Number; i++)
            {
                await responseStream.WriteAsync(new EchoMessage { Number = i, Blob = request.Blob });
                if (request.Text == "fail" && i == 2) throw new RpcException(new Status(StatusCode.Aborted, "halfway"));
                if (request.Text == "wait") await WaitForCancellationAsync(context.CancellationToken);
                if (request.Text == "until stop") await WaitForCancellationAsync(context.GetStopToken());
            }
        }
        catch (OperationCanceledException) when (request.Number < 0)
        {
            Cancelled.Release();
            throw;
        }
    }

    public override async Task<EchoMessage> ClientStream(IAsyncStreamReader<EchoMessage> requestStream, ServerCallContext context)
    {
        long count = 0, bytes = 0;
        await foreach (EchoMessage message in requestStream.ReadAllAsync())
        {
            count++;
            bytes += message.Blob.Length;
            if (message.Text == "stop") return new EchoMessage { Text = "early", Number = count };
            if (message.Text == "fail") throw new RpcException(new Status(StatusCode.OutOfRange, "enough"));
        }
        return new EchoMessage { Number = count, Text = bytes.ToString(System.Globalization.CultureInfo.InvariantCulture) };
    }

    public override async Task Duplex(
        IAsyncStreamReader<EchoMessage> requestStream, IServerStreamWriter<EchoMessage> responseStream, ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("greet") is not null) await responseStream.WriteAsync(new EchoMessage { Text = "hello" });
        if (context.RequestHeaders.GetValue("headers") is not null) await context.WriteResponseHeadersAsync(new Metadata { { "early", "yes" } });
        if (context.RequestHeaders.GetValue("refuse") is not null) throw new RpcException(new Status(StatusCode.FailedPrecondition, "not now"));
        try
        {
            await foreach (EchoMessage message in requestStream.ReadAllAsync()) await responseStream.WriteAsync(message);
        }
        catch (OperationCanceledException)
        {
            Cancelled.Release();
            throw;
        }
    }

    private async Task WaitForCancellationAsync(CancellationToken cancellationToken)
    {
        Waiting.Release();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Cancelled.Release();
            throw;
        }
    }
}
