using Cluster.UnitTests.Rpc.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc;

/// <summary>What every transport must do.</summary>
public sealed class CallTests : IAsyncLifetime
{
    private RpcTestServer _server = null!;

    public async Task InitializeAsync() => _server = await RpcTestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory, EveryTransport]
    public async Task Answers_unary_calls(Transport transport)
    {
        Echo.EchoClient client = _server.Connect(transport);

        Assert.Equal("hi", (await client.UnaryAsync(new EchoMessage { Text = "hi" })).Text);
        Assert.Equal("ho", client.Unary(new EchoMessage { Text = "ho" }).Text);
    }

    [Theory, EveryTransport]
    public async Task Streams_responses_in_order(Transport transport)
    {
        using AsyncServerStreamingCall<EchoMessage> call = _server.Connect(transport).ServerStream(new EchoMessage { Number = 1000 });

        long next = 0;
        await foreach (EchoMessage message in call.ResponseStream.ReadAllAsync()) Assert.Equal(next++, message.Number);

        Assert.Equal(1000, next);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Theory, EveryTransport]
    public async Task Streams_gathered_responses(Transport transport)
    {
        var request = new EchoMessage { Number = 5000, Text = "gather", Blob = ByteString.CopyFrom(new byte[100]) };
        using AsyncServerStreamingCall<EchoMessage> call = _server.Connect(transport).ServerStream(request);

        long next = 0;
        await foreach (EchoMessage message in call.ResponseStream.ReadAllAsync()) Assert.Equal(next++, message.Number);

        Assert.Equal(5000, next);
    }

    [Theory, EveryTransport]
    public async Task Streams_requests(Transport transport)
    {
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = _server.Connect(transport).ClientStream();
        for (int i = 0; i < 1000; i++)
        {
            call.RequestStream.WriteOptions = i % 3 == 0 ? null : new WriteOptions(WriteFlags.BufferHint);
            await call.RequestStream.WriteAsync(new EchoMessage { Blob = ByteString.CopyFrom(new byte[10]) });
        }
        await call.RequestStream.CompleteAsync();

        EchoMessage response = await call;

        Assert.Equal((1000, "10000"), (response.Number, response.Text));
    }

    [Theory, EveryTransport]
    public async Task Takes_a_request_stream_without_requests(Transport transport)
    {
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = _server.Connect(transport).ClientStream();
        await call.RequestStream.CompleteAsync();

        Assert.Equal(0, (await call).Number);
    }

    [Theory, EveryTransport]
    public async Task Answers_each_request_of_a_duplex_call(Transport transport)
    {
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = _server.Connect(transport).Duplex();
        for (int i = 0; i < 200; i++)
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Number = i });
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }
        await call.RequestStream.CompleteAsync();

        Assert.False(await call.ResponseStream.MoveNext());
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Theory, EveryTransport]
    public async Task Lets_the_server_speak_first(Transport transport)
    {
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = _server.Connect(transport).Duplex(new Metadata { { "greet", "1" } });

        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal("hello", call.ResponseStream.Current.Text);
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Theory, EveryTransport]
    public async Task Gives_response_headers_before_any_message(Transport transport)
    {
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = _server.Connect(transport).Duplex(new Metadata { { "headers", "1" } });

        Assert.Equal("yes", (await call.ResponseHeadersAsync).GetValue("early"));
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Theory, EveryTransport]
    public async Task Carries_status_message_and_trailers(Transport transport)
    {
        Echo.EchoClient client = _server.Connect(transport);

        RpcException failure = await RpcAssert.FailsAsync(
            StatusCode.FailedPrecondition, async () => await client.UnaryAsync(new EchoMessage { Text = "fail" }));

        Assert.Equal("no: ä%\n", failure.Status.Detail);
        Assert.Equal("because", failure.Trailers.GetValue("why"));
        Assert.Equal([0, 255, 7], failure.Trailers.GetValueBytes("raw-bin"));
    }

    [Theory, EveryTransport]
    public async Task Carries_metadata_both_ways(Transport transport)
    {
        var headers = new Metadata { { "x-in", "v 1" }, { "x-in-bin", [1, 0, 200] } };
        using AsyncUnaryCall<EchoMessage> call = _server.Connect(transport).UnaryAsync(new EchoMessage { Text = "metadata" }, headers);

        Metadata received = await call.ResponseHeadersAsync;
        await call;

        Assert.Equal("v 1", received.GetValue("seen"));
        Assert.Equal([1, 0, 200], received.GetValueBytes("seen-bin"));
        Assert.Equal(["1", "2"], call.GetTrailers().GetAll("t").Select(entry => entry.Value));
    }

    [Theory, EveryTransport]
    public async Task Refuses_a_method_without_implementation(Transport transport)
    {
        Echo.EchoClient client = _server.Connect(transport);

        await RpcAssert.FailsAsync(StatusCode.Unimplemented, async () => await client.MissingAsync(new Empty()));
    }

    [Theory, EveryTransport]
    public async Task Gives_the_responses_before_a_failure_halfway(Transport transport)
    {
        using AsyncServerStreamingCall<EchoMessage> call = _server.Connect(transport).ServerStream(new EchoMessage { Text = "fail", Number = 100 });

        int count = 0;
        await RpcAssert.FailsAsync(StatusCode.Aborted, async () =>
        {
            await foreach (EchoMessage _ in call.ResponseStream.ReadAllAsync()) count++;
        });

        Assert.Equal(3, count);
        Assert.Equal(StatusCode.Aborted, call.GetStatus().StatusCode);
    }

    [Theory, EveryTransport]
    public async Task Gives_the_response_when_the_server_ends_a_request_stream_early(Transport transport)
    {
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = _server.Connect(transport).ClientStream();

        await WriteUntilRefusedAsync(call.RequestStream, "stop");

        Assert.Equal("early", (await call).Text);
    }

    [Theory, EveryTransport]
    public async Task Gives_the_status_when_the_server_fails_a_request_stream_early(Transport transport)
    {
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = _server.Connect(transport).ClientStream();

        RpcException refused = await WriteUntilRefusedAsync(call.RequestStream, "fail");

        Assert.Equal(StatusCode.OutOfRange, refused.StatusCode);
        await RpcAssert.FailsAsync(StatusCode.OutOfRange, async () => await call);
    }

    [Theory, EveryTransport]
    public async Task Keeps_the_servers_status_for_the_reader_when_a_write_of_a_duplex_call_fails(Transport transport)
    {
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = _server.Connect(transport).Duplex(new Metadata { { "refuse", "1" } });

        await WriteUntilRefusedAsync(call.RequestStream, "");

        await RpcAssert.FailsAsync(StatusCode.FailedPrecondition, () => call.ResponseStream.MoveNext());
    }

    [Theory, EveryTransport]
    public async Task Carries_messages_up_to_the_limit(Transport transport)
    {
        var request = new EchoMessage { Blob = ByteString.CopyFrom(new byte[3_900_000]) };

        Assert.Equal(request, await _server.Connect(transport).UnaryAsync(request));
    }

    [Theory, EveryTransport]
    public async Task Refuses_a_response_over_the_limit(Transport transport)
    {
        Echo.EchoClient client = _server.Connect(transport);

        await RpcAssert.FailsAsync(StatusCode.ResourceExhausted, async () => await client.UnaryAsync(new EchoMessage { Text = "big", Number = 5 << 20 }));
    }

    [Theory, EveryTransport]
    public async Task Refuses_a_request_over_the_limit(Transport transport)
    {
        Echo.EchoClient client = _server.Connect(transport);
        var request = new EchoMessage { Blob = ByteString.CopyFrom(new byte[5 << 20]) };

        await RpcAssert.FailsAsync(StatusCode.ResourceExhausted, async () => await client.UnaryAsync(request));
    }

    [Theory, EveryTransport]
    public async Task Runs_many_calls_at_once(Transport transport)
    {
        Echo.EchoClient client = _server.Connect(transport);

        EchoMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => client.UnaryAsync(new EchoMessage { Number = i }).ResponseAsync));

        Assert.Equal(Enumerable.Range(0, 500).Select(i => (long)i), responses.Select(response => response.Number));
    }

    private static async Task<RpcException> WriteUntilRefusedAsync(IClientStreamWriter<EchoMessage> requests, string sixth)
    {
        // The server ends the call at the sixth request; sooner or later a write finds out.
        for (int i = 0; i < 1_000_000; i++)
        {
            try
            {
                await requests.WriteAsync(new EchoMessage { Text = i == 5 ? sixth : "", Blob = ByteString.CopyFrom(new byte[100]) });
            }
            catch (RpcException e)
            {
                return e;
            }
        }
        throw new InvalidOperationException("No write was ever refused.");
    }
}
