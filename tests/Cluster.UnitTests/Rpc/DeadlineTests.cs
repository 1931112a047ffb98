using Cluster.Rpc;
using Cluster.UnitTests.Rpc.V1;
using Google.Protobuf;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc;

public sealed class DeadlineTests : IAsyncLifetime
{
    private RpcTestServer _server = null!;

    public async Task InitializeAsync() => _server = await RpcTestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory, EveryTransport]
    public async Task Ends_a_call_that_takes_too_long(Transport transport)
    {
        Echo.EchoClient client = _server.Connect(transport);

        await RpcAssert.FailsAsync(StatusCode.DeadlineExceeded, async () => await client.UnaryAsync(new EchoMessage { Text = "wait" }, deadline: In(150)));
    }

    [Theory, EveryTransport]
    public async Task Ends_a_stream_that_takes_too_long(Transport transport)
    {
        using AsyncServerStreamingCall<EchoMessage> call =
            _server.Connect(transport).ServerStream(new EchoMessage { Text = "wait", Number = -1 }, deadline: In(300));

        await RpcAssert.FailsAsync(StatusCode.DeadlineExceeded, async () =>
        {
            await foreach (EchoMessage _ in call.ResponseStream.ReadAllAsync())
            {
            }
        });
    }

    [Fact]
    public async Task Releases_a_handler_that_writes_to_a_client_that_does_not_read()
    {
        var request = new EchoMessage { Number = -1, Blob = ByteString.CopyFrom(new byte[100_000]) };
        using AsyncServerStreamingCall<EchoMessage> call = _server.Connect(Transport.PlainTcp).ServerStream(request, deadline: In(300));

        Assert.True(await _server.Service.Cancelled.WaitAsync(RpcTestServer.Patience));
    }

    [Fact]
    public async Task Never_sends_a_call_whose_deadline_has_passed()
    {
        Echo.EchoClient client = _server.Connect(Transport.PlainTcp);

        await RpcAssert.FailsAsync(StatusCode.DeadlineExceeded, async () => await client.UnaryAsync(new EchoMessage(), deadline: In(-10)));

        Assert.Equal(0, _server.Service.Calls);
    }

    [Fact]
    public async Task Reaches_the_handler()
    {
        Echo.EchoClient client = _server.Connect(Transport.PlainTcp);
        DateTime deadline = In(3_600_000);

        EchoMessage with = await client.UnaryAsync(new EchoMessage { Text = "deadline" }, deadline: deadline);
        EchoMessage without = await client.UnaryAsync(new EchoMessage { Text = "deadline" });

        // It travels as the time that is left, so it moves by as long as the call was on its way.
        Assert.InRange(new DateTime(with.Number, DateTimeKind.Utc), deadline.AddSeconds(-1), deadline.AddMinutes(5));
        Assert.Equal(-1, without.Number);
    }

    [Fact]
    public async Task Is_enforced_by_the_server_alone()
    {
        using HttpResponseMessage response = await CallRawAsync("wait");

        await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
        Assert.Equal("4", response.Headers.GetValues("grpc-status").Single());
        Assert.True(await _server.Service.Cancelled.WaitAsync(RpcTestServer.Patience));
    }

    [Fact]
    public async Task Resets_the_stream_of_a_handler_that_ignores_it()
    {
        HttpRequestException failure = await Assert.ThrowsAsync<HttpRequestException>(() => CallRawAsync("hold"));

        Assert.Equal(8, Assert.IsType<HttpProtocolException>(failure.InnerException).ErrorCode); // CANCEL
    }

    private static DateTime In(int milliseconds) => TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(milliseconds);

    /// <summary>A call from a client that has no timer of its own.</summary>
    private async Task<HttpResponseMessage> CallRawAsync(string text)
    {
        using var client = new RawHttpClient(RpcAddress.Tcp("127.0.0.1", _server.PlainPort));
        return await client.PostAsync("/cluster.test.v1.Echo/Unary", RawHttpClient.Frame(new EchoMessage { Text = text }.ToByteArray()), ("grpc-timeout", "100m"));
    }
}
