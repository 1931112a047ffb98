using Cluster.Rpc;
using Cluster.UnitTests.Rpc.V1;
using Google.Protobuf;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc;

public sealed class CancellationTests : IAsyncLifetime
{
    private RpcTestServer _server = null!;

    public async Task InitializeAsync() => _server = await RpcTestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory, EveryTransport]
    public async Task Reaches_the_handler_when_the_caller_cancels(Transport transport)
    {
        using var cancellation = new CancellationTokenSource();
        using AsyncUnaryCall<EchoMessage> call =
            _server.Connect(transport).UnaryAsync(new EchoMessage { Text = "wait" }, cancellationToken: cancellation.Token);
        await HappensAsync(_server.Service.Waiting);

        await cancellation.CancelAsync();

        await RpcAssert.FailsAsync(StatusCode.Cancelled, async () => await call);
        await HappensAsync(_server.Service.Cancelled);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.Empty(_server.Unhandled);
    }

    [Theory, EveryTransport]
    public async Task Reaches_the_handler_when_the_call_is_disposed(Transport transport)
    {
        AsyncUnaryCall<EchoMessage> call = _server.Connect(transport).UnaryAsync(new EchoMessage { Text = "wait" });
        await HappensAsync(_server.Service.Waiting);

        call.Dispose();

        await HappensAsync(_server.Service.Cancelled);
        await RpcAssert.FailsAsync(StatusCode.Cancelled, async () => await call);
    }

    [Theory, EveryTransport]
    public async Task Stops_a_handler_that_writes(Transport transport)
    {
        AsyncServerStreamingCall<EchoMessage> call = _server.Connect(transport).ServerStream(
            new EchoMessage { Number = -1, Blob = ByteString.CopyFrom(new byte[1000]) });
        Assert.True(await call.ResponseStream.MoveNext());

        call.Dispose();

        await HappensAsync(_server.Service.Cancelled);
    }

    [Theory, EveryTransport]
    public async Task Stops_a_handler_that_reads(Transport transport)
    {
        AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = _server.Connect(transport).Duplex();
        await call.RequestStream.WriteAsync(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext());

        call.Dispose();

        await HappensAsync(_server.Service.Cancelled);
        Assert.Empty(_server.Unhandled);
    }

    [Fact]
    public async Task Ends_the_call_when_a_read_is_cancelled()
    {
        using AsyncServerStreamingCall<EchoMessage> call = _server.Connect(Transport.PlainTcp).ServerStream(new EchoMessage { Number = -1, Text = "wait" });
        Assert.True(await call.ResponseStream.MoveNext());
        using var cancellation = new CancellationTokenSource();

        Task<bool> read = call.ResponseStream.MoveNext(cancellation.Token);
        await cancellation.CancelAsync();

        await RpcAssert.FailsAsync(StatusCode.Cancelled, () => read);
        await HappensAsync(_server.Service.Cancelled);
    }

    [Fact]
    public async Task Ends_active_calls_when_the_channel_is_disposed_and_refuses_new_ones()
    {
        RpcChannel channel = _server.Open(Transport.PlainTcp);
        var client = new Echo.EchoClient(channel);
        using AsyncUnaryCall<EchoMessage> call = client.UnaryAsync(new EchoMessage { Text = "wait" });
        await HappensAsync(_server.Service.Waiting);

        channel.Dispose();

        await RpcAssert.FailsAsync(StatusCode.Cancelled, async () => await call);
        await HappensAsync(_server.Service.Cancelled);
        Assert.Throws<ObjectDisposedException>(() => client.UnaryAsync(new EchoMessage()));
    }

    [Fact]
    public async Task Never_sends_a_call_that_was_cancelled_before()
    {
        await RpcAssert.FailsAsync(StatusCode.Cancelled, async () =>
            await _server.Connect(Transport.PlainTcp).UnaryAsync(new EchoMessage(), cancellationToken: new CancellationToken(canceled: true)));

        Assert.Equal(0, _server.Service.Calls);
    }

    [Fact]
    public async Task Leaves_the_connection_to_other_calls()
    {
        Echo.EchoClient client = _server.Connect(Transport.PlainTcp);
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> other = client.Duplex();
        await other.RequestStream.WriteAsync(new EchoMessage { Number = 1 });
        AsyncUnaryCall<EchoMessage> call = client.UnaryAsync(new EchoMessage { Text = "wait" });
        await HappensAsync(_server.Service.Waiting);

        call.Dispose();
        await HappensAsync(_server.Service.Cancelled);

        await other.RequestStream.WriteAsync(new EchoMessage { Number = 2 });
        Assert.True(await other.ResponseStream.MoveNext());
        Assert.True(await other.ResponseStream.MoveNext());
        Assert.Equal(2, other.ResponseStream.Current.Number);
    }

    private static async Task HappensAsync(SemaphoreSlim happened) => Assert.True(await happened.WaitAsync(RpcTestServer.Patience));
}
