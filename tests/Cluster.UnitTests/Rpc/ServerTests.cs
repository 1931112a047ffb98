using Cluster.Rpc;
using Cluster.Rpc.Server;
using Cluster.UnitTests.Rpc.V1;
using Google.Protobuf;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc;

/// <summary>Authorisation, limits, failing handlers and the stop.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task Asks_before_each_call_with_method_and_peer()
    {
        var asked = new List<(string Method, RpcPeer Peer)>();
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with
        {
            Authorize = (method, peer) =>
            {
                asked.Add((method, peer));
                return asked.Count == 2 ? new Status(StatusCode.PermissionDenied, "workers may not") : Status.DefaultSuccess;
            },
        });
        Echo.EchoClient client = server.Connect(Transport.MutualTls);

        await client.UnaryAsync(new EchoMessage());
        RpcException refused = await RpcAssert.FailsAsync(StatusCode.PermissionDenied, async () => await client.UnaryAsync(new EchoMessage()));
        await client.UnaryAsync(new EchoMessage());

        Assert.Equal("workers may not", refused.Status.Detail);
        Assert.Equal(2, server.Service.Calls);
        Assert.All(asked, call => Assert.Equal(("/cluster.test.v1.Echo/Unary", "CN=client 1"), (call.Method, call.Peer.Certificate?.Subject)));
        Assert.Same(asked[0].Peer, asked[2].Peer);
    }

    [Fact]
    public async Task Refuses_a_streaming_call_before_it_reads_anything()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with
        {
            Authorize = (_, _) => new Status(StatusCode.Unauthenticated, "no"),
        });
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = server.Connect(Transport.UnixSocket).Duplex();

        await RpcAssert.FailsAsync(StatusCode.Unauthenticated, () => call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Refuses_when_the_decision_fails()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with
        {
            Authorize = (_, _) => throw new InvalidOperationException("secret"),
        });

        RpcException failure = await RpcAssert.FailsAsync(
            StatusCode.Internal, async () => await server.Connect(Transport.PlainTcp).UnaryAsync(new EchoMessage()));

        Assert.DoesNotContain("secret", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("secret", Assert.Single(server.Unhandled).Exception.Message);
        Assert.Equal(0, server.Service.Calls);
    }

    [Fact]
    public async Task Keeps_the_text_of_an_unexpected_exception_to_itself()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        Echo.EchoClient client = server.Connect(Transport.PlainTcp);

        RpcException failure = await RpcAssert.FailsAsync(StatusCode.Unknown, async () => await client.UnaryAsync(new EchoMessage { Text = "throw" }));

        Assert.DoesNotContain("secret", failure.Status.Detail, StringComparison.Ordinal);
        (string method, Exception exception) = Assert.Single(server.Unhandled);
        Assert.Equal(("/cluster.test.v1.Echo/Unary", "secret"), (method, exception.Message));
    }

    [Fact]
    public async Task Ends_with_Internal_when_a_handler_gives_no_response()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();

        await RpcAssert.FailsAsync(StatusCode.Internal, async () => await server.Connect(Transport.PlainTcp).UnaryAsync(new EchoMessage { Text = "null" }));
    }

    [Fact]
    public async Task Ends_with_the_status_that_a_handler_set()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();

        RpcException failure = await RpcAssert.FailsAsync(
            StatusCode.DataLoss, async () => await server.Connect(Transport.PlainTcp).UnaryAsync(new EchoMessage { Text = "status" }));

        Assert.Equal("set", failure.Status.Detail);
    }

    [Fact]
    public async Task Refuses_calls_above_its_limit_and_takes_them_again_afterwards()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with { MaxConcurrentCalls = 1 });
        Echo.EchoClient client = server.Connect(Transport.PlainTcp);
        AsyncUnaryCall<EchoMessage> first = client.UnaryAsync(new EchoMessage { Text = "hold" });
        Assert.True(await server.Service.Waiting.WaitAsync(RpcTestServer.Patience));

        await RpcAssert.FailsAsync(StatusCode.ResourceExhausted, async () => await client.UnaryAsync(new EchoMessage()));

        server.Service.Hold.Release();
        await first;
        // The count falls just after the answer has left.
        while (true)
        {
            try
            {
                await client.UnaryAsync(new EchoMessage());
                return;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
            {
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Lets_a_client_open_another_connection_when_one_is_full()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with { MaxStreamsPerConnection = 10 });
        Echo.EchoClient client = server.Connect(Transport.PlainTcp);

        Task<EchoMessage>[] calls = [.. Enumerable.Range(0, 25).Select(i => client.UnaryAsync(new EchoMessage { Text = "hold", Number = i }).ResponseAsync)];
        for (int i = 0; i < calls.Length; i++) Assert.True(await server.Service.Waiting.WaitAsync(RpcTestServer.Patience));
        server.Service.Hold.Release(calls.Length);

        Assert.Equal(25, (await Task.WhenAll(calls)).Length);
    }

    [Fact]
    public async Task Refuses_to_send_a_response_over_its_limit()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with { MaxSendMessageBytes = 1000 });

        await RpcAssert.FailsAsync(
            StatusCode.ResourceExhausted, async () => await server.Connect(Transport.PlainTcp).UnaryAsync(new EchoMessage { Text = "big", Number = 2000 }));
    }

    [Fact]
    public async Task Carries_large_messages_when_the_limits_are_raised()
    {
        const int size = 40 << 20;
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with { MaxReceiveMessageBytes = 2 * size });
        Echo.EchoClient client = server.Connect(Transport.MutualTls, options => options with { MaxReceiveMessageBytes = 2 * size });

        Assert.Equal(size, (await client.UnaryAsync(new EchoMessage { Blob = UnsafeByteOperations.UnsafeWrap(new byte[size]) })).Blob.Length);
    }

    [Fact]
    public async Task Compresses_both_ways_and_keeps_to_the_limit_after_decompression()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with { CompressResponses = true });
        Echo.EchoClient client = server.Connect(Transport.PlainTcp, options => options with { CompressRequests = true });
        var request = new EchoMessage { Blob = ByteString.CopyFrom(new byte[1_000_000]) };

        Assert.Equal(request, await client.UnaryAsync(request));
        using (AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = client.Duplex())
        {
            await call.RequestStream.WriteAsync(request);
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(request, call.ResponseStream.Current);
        }
        var tooLarge = new EchoMessage { Blob = ByteString.CopyFrom(new byte[6 << 20]) };
        await RpcAssert.FailsAsync(StatusCode.ResourceExhausted, async () => await client.UnaryAsync(tooLarge));
    }

    [Fact]
    public async Task Holds_back_a_writer_whose_client_does_not_read()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        var request = new EchoMessage { Number = 20_000, Blob = ByteString.CopyFrom(new byte[1000]) };
        using AsyncServerStreamingCall<EchoMessage> slow = server.Connect(Transport.PlainTcp).ServerStream(request);
        Assert.True(await slow.ResponseStream.MoveNext());

        // Others are served meanwhile, and nothing is lost.
        await server.Connect(Transport.PlainTcp).UnaryAsync(new EchoMessage());
        int count = 1;
        while (await slow.ResponseStream.MoveNext()) count++;

        Assert.Equal(20_000, count);
    }

    [Fact]
    public async Task Lets_active_calls_end_when_it_stops()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with { StopGrace = RpcTestServer.Patience });
        AsyncUnaryCall<EchoMessage> active = server.Connect(Transport.PlainTcp).UnaryAsync(new EchoMessage { Text = "hold" });
        Assert.True(await server.Service.Waiting.WaitAsync(RpcTestServer.Patience));

        Task stop = server.Server.StopAsync(CancellationToken.None);
        Echo.EchoClient late = server.Connect(Transport.PlainTcp);
        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await late.UnaryAsync(new EchoMessage()));
        server.Service.Hold.Release();

        Assert.Equal("hold", (await active).Text);
        await stop.WaitAsync(RpcTestServer.Patience);
    }

    [Fact]
    public async Task Tells_endless_streams_that_it_stops()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with { StopGrace = RpcTestServer.Patience });
        using AsyncServerStreamingCall<EchoMessage> endless =
            server.Connect(Transport.PlainTcp).ServerStream(new EchoMessage { Text = "until stop", Number = -1 });
        Assert.True(await endless.ResponseStream.MoveNext());
        Assert.True(await server.Service.Waiting.WaitAsync(RpcTestServer.Patience));

        await server.Server.StopAsync(CancellationToken.None).WaitAsync(RpcTestServer.Patience);

        await RpcAssert.FailsAsync(StatusCode.Unavailable, () => endless.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Cuts_off_what_has_not_ended_after_the_grace()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with { StopGrace = TimeSpan.FromMilliseconds(100) });
        using AsyncServerStreamingCall<EchoMessage> endless =
            server.Connect(Transport.PlainTcp).ServerStream(new EchoMessage { Text = "wait", Number = -1 });
        Assert.True(await endless.ResponseStream.MoveNext());

        await server.Server.StopAsync(CancellationToken.None).WaitAsync(RpcTestServer.Patience);

        await RpcAssert.FailsAsync(StatusCode.Unavailable, () => endless.ResponseStream.MoveNext());
        Assert.True(await server.Service.Cancelled.WaitAsync(RpcTestServer.Patience));
    }

    [Fact]
    public async Task Runs_until_cancelled_beside_other_servers()
    {
        using var cancellation = new CancellationTokenSource();
        await using RpcTestServer other = await RpcTestServer.StartAsync();
        await using var server = new RpcServer(new RpcServerOptions
        {
            Endpoints = [RpcEndpoint.PlainTcp(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0))],
            Services = [Echo.BindService(new EchoService())],
        });

        Task run = server.RunAsync(cancellation.Token);
        await server.Started.WaitAsync(RpcTestServer.Patience);
        using var channel = new RpcChannel(new RpcChannelOptions { Address = server.Addresses[0] });
        await new Echo.EchoClient(channel).UnaryAsync(new EchoMessage());
        await cancellation.CancelAsync();
        await run.WaitAsync(RpcTestServer.Patience);

        await other.Connect(Transport.PlainTcp).UnaryAsync(new EchoMessage());
    }

    [Fact]
    public async Task Says_which_address_is_in_use()
    {
        await using RpcTestServer first = await RpcTestServer.StartAsync();
        await using var second = new RpcServer(new RpcServerOptions
        {
            Endpoints = [RpcEndpoint.PlainTcp(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, first.PlainPort))],
            Services = [],
        });

        IOException failure = await Assert.ThrowsAsync<IOException>(() => second.StartAsync(CancellationToken.None));

        Assert.Contains(first.PlainPort.ToString(System.Globalization.CultureInfo.InvariantCulture), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_method_that_is_bound_twice()
    {
        Assert.Throws<ArgumentException>(() => new RpcServer(new RpcServerOptions
        {
            Endpoints = [RpcEndpoint.PlainTcp(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0))],
            Services = [Echo.BindService(new EchoService()), Echo.BindService(new EchoService())],
        }));
    }
}
