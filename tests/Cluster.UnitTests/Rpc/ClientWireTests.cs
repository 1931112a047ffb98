using System.Net;
using System.Net.Sockets;
using Cluster.Rpc;
using Cluster.UnitTests.Rpc.V1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Cluster.UnitTests.Rpc;

/// <summary>What the client sends, and what it makes of answers that servers of ours never give.</summary>
public sealed class ClientWireTests
{
    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(418, StatusCode.Unknown)]
    public Task Maps_an_HTTP_status(int httpStatus, StatusCode expected) =>
        FailsAsync(expected, http => http.Response.StatusCode = httpStatus);

    [Fact]
    public Task Prefers_the_grpc_status_of_such_an_answer() => FailsAsync(StatusCode.NotFound, http =>
    {
        http.Response.StatusCode = 503;
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = "5";
    });

    [Fact]
    public Task Refuses_another_content_type() => FailsAsync(StatusCode.Unknown, http => http.Response.ContentType = "text/html");

    [Fact]
    public Task Takes_an_answer_without_status_as_Unknown() => FailsAsync(StatusCode.Unknown, async http =>
    {
        http.Response.ContentType = "application/grpc";
        await http.Response.Body.WriteAsync(RawHttpClient.Frame([]));
    });

    [Fact]
    public Task Takes_a_status_that_does_not_exist_as_Unknown() => FailsAsync(StatusCode.Unknown, http => TrailersOnly(http, "99"));

    [Fact]
    public Task Refuses_OK_without_a_response() => FailsAsync(StatusCode.Internal, http => TrailersOnly(http, "0"));

    [Fact]
    public Task Refuses_a_second_response() => FailsAsync(StatusCode.Internal, http =>
        AnswerAsync(http, [.. RawHttpClient.Frame([]), .. RawHttpClient.Frame([])]));

    [Fact]
    public Task Refuses_half_a_message() => FailsAsync(StatusCode.Internal, http => AnswerAsync(http, [0, 0, 0, 0, 9, 1]));

    [Fact]
    public Task Refuses_a_message_over_the_limit_before_it_has_come() =>
        FailsAsync(StatusCode.ResourceExhausted, http => AnswerAsync(http, [0, 0xff, 0xff, 0xff, 0xff]));

    [Fact]
    public Task Refuses_a_message_that_it_cannot_read() => FailsAsync(StatusCode.Internal, http => AnswerAsync(http, RawHttpClient.Frame([0xff, 0xff])));

    [Theory]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0x2, StatusCode.Internal)]
    public Task Maps_a_reset_of_the_stream(int errorCode, StatusCode expected) => FailsAsync(expected, async http =>
    {
        http.Response.ContentType = "application/grpc";
        await http.Response.Body.FlushAsync(); // a refused stream without an answer may be sent again
        http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(errorCode);
    });

    [Fact]
    public Task Takes_a_lost_connection_as_Unavailable() => FailsAsync(StatusCode.Unavailable, async http =>
    {
        http.Response.ContentType = "application/grpc";
        await http.Response.Body.FlushAsync();
        http.Features.GetRequiredFeature<Microsoft.AspNetCore.Connections.Features.IConnectionSocketFeature>().Socket.Close(0);
    });

    [Fact]
    public async Task Sends_a_unary_request_again_that_the_server_did_not_take_up()
    {
        int attempts = 0;
        await using RawHttpServer server = await RawHttpServer.StartAsync(http => RefuseFirstAsync(http, Interlocked.Increment(ref attempts)));

        EchoMessage response = await server.Client.UnaryAsync(new EchoMessage { Text = "again" }).ResponseAsync.WaitAsync(RpcTestServer.Patience);

        Assert.Equal(("again", 2), (response.Text, attempts));
    }

    [Fact]
    public async Task Never_sends_a_request_stream_again()
    {
        int attempts = 0;
        await using RawHttpServer server = await RawHttpServer.StartAsync(http => RefuseFirstAsync(http, Interlocked.Increment(ref attempts)));
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = server.Client.ClientStream();

        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await call);
    }

    [Fact]
    public async Task Names_the_address_of_a_server_that_is_not_there()
    {
        using var reserved = new Socket(SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound, but nobody listens
        RpcAddress address = RpcAddress.Tcp("127.0.0.1", ((IPEndPoint)reserved.LocalEndPoint!).Port);
        using var channel = new RpcChannel(new RpcChannelOptions { Address = address });

        RpcException failure = await RpcAssert.FailsAsync(
            StatusCode.Unavailable, async () => await new Echo.EchoClient(channel).UnaryAsync(new EchoMessage()));

        Assert.StartsWith(address.ToString(), failure.Status.Detail, StringComparison.Ordinal);
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> stream = new Echo.EchoClient(channel).ClientStream();
        await RpcAssert.FailsAsync(StatusCode.Unavailable, () => stream.RequestStream.WriteAsync(new EchoMessage()));
        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await stream);
    }

    [Fact]
    public async Task Gives_up_on_a_server_that_does_not_shake_hands()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var channel = new RpcChannel(new RpcChannelOptions
        {
            Address = RpcAddress.Tcp("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port),
            Tls = new RpcClientTls(),
            ConnectTimeout = TimeSpan.FromMilliseconds(200),
        });

        await RpcAssert.FailsAsync(StatusCode.Unavailable, async () => await new Echo.EchoClient(channel).UnaryAsync(new EchoMessage()));
    }

    [Fact]
    public async Task Finds_a_server_that_went_silent_by_pings()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var channel = new RpcChannel(new RpcChannelOptions
        {
            Address = RpcAddress.Tcp("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port),
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        });
        Task<EchoMessage> call = new Echo.EchoClient(channel).UnaryAsync(new EchoMessage()).ResponseAsync;
        using TcpClient connection = await silent.AcceptTcpClientAsync(CancellationToken.None);
        byte[] settings = [0, 0, 0, 4, 0, 0, 0, 0, 0], acknowledgement = [0, 0, 0, 4, 1, 0, 0, 0, 0];
        await connection.GetStream().WriteAsync((byte[])[.. settings, .. acknowledgement], CancellationToken.None);

        await RpcAssert.FailsAsync(StatusCode.Unavailable, () => call);
    }

    [Fact]
    public async Task Sends_default_metadata_unless_the_call_has_that_key()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        Echo.EchoClient client = server.Connect(Transport.UnixSocket, options => options with { DefaultMetadata = new Metadata { { "x-in", "default" } } });

        Assert.Equal("default", await SeenAsync(null));
        Assert.Equal("own", await SeenAsync(new Metadata { { "x-in", "own" } }));

        async Task<string?> SeenAsync(Metadata? headers) =>
            (await client.UnaryAsync(new EchoMessage { Text = "metadata" }, headers).ResponseHeadersAsync).GetValue("seen");
    }

    [Fact]
    public async Task Never_sends_reserved_headers_from_metadata()
    {
        string? seen = null;
        await using RawHttpServer server = await RawHttpServer.StartAsync(http =>
        {
            seen = $"{http.Request.Headers["grpc-timeout"]}|{http.Request.Headers.TE}|{http.Request.ContentType}|{http.Request.Headers["grpc-status"]}";
            TrailersOnly(http, "5");
            return Task.CompletedTask;
        });
        var headers = new Metadata { { "grpc-timeout", "1S" }, { "te", "x" }, { "content-type", "x" }, { "grpc-status", "0" } };

        await RpcAssert.FailsAsync(StatusCode.NotFound, async () => await server.Client.UnaryAsync(new EchoMessage(), headers));

        Assert.Equal("|trailers|application/grpc|", seen);
    }

    [Fact]
    public async Task Refuses_to_send_a_message_over_its_limit_and_leaves_the_stream_usable()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        Echo.EchoClient client = server.Connect(Transport.PlainTcp, options => options with { MaxSendMessageBytes = 1000 });
        var tooLarge = new EchoMessage { Blob = ByteString.CopyFrom(new byte[1001]) };

        await RpcAssert.FailsAsync(StatusCode.ResourceExhausted, async () => await client.UnaryAsync(tooLarge));
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = client.ClientStream();
        await call.RequestStream.WriteAsync(new EchoMessage());
        await RpcAssert.FailsAsync(StatusCode.ResourceExhausted, () => call.RequestStream.WriteAsync(tooLarge));
        await call.RequestStream.CompleteAsync();

        Assert.Equal(1, (await call).Number);
        Assert.Equal(0, server.Service.Calls);
    }

    [Fact]
    public async Task Refuses_writes_after_the_end_and_two_at_a_time()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = server.Connect(Transport.PlainTcp).Duplex();
        await call.RequestStream.CompleteAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoMessage()));
        await call.RequestStream.CompleteAsync();
    }

    [Fact]
    public async Task Sends_gathered_requests_when_the_stream_is_completed()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = server.Connect(Transport.PlainTcp).ClientStream();
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        for (int i = 0; i < 3; i++) await call.RequestStream.WriteAsync(new EchoMessage());

        await call.RequestStream.CompleteAsync();

        Assert.Equal(3, (await call).Number);
    }

    private static Task FailsAsync(StatusCode expected, Action<HttpContext> answer) => FailsAsync(expected, http =>
    {
        answer(http);
        return Task.CompletedTask;
    });

    private static async Task FailsAsync(StatusCode expected, Func<HttpContext, Task> answer)
    {
        await using RawHttpServer server = await RawHttpServer.StartAsync(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, CancellationToken.None);
            await answer(http);
        });

        await RpcAssert.FailsAsync(expected, async () => await server.Client.UnaryAsync(new EchoMessage()));
    }

    private static async Task RefuseFirstAsync(HttpContext http, int attempt)
    {
        const int refusedStream = 7;
        if (attempt == 1)
        {
            http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(refusedStream);
            return;
        }
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, CancellationToken.None);
        await AnswerAsync(http, body.ToArray());
    }

    private static void TrailersOnly(HttpContext http, string status)
    {
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = status;
    }

    private static async Task AnswerAsync(HttpContext http, byte[] body)
    {
        http.Response.ContentType = "application/grpc";
        await http.Response.Body.WriteAsync(body, CancellationToken.None);
        http.Response.AppendTrailer("grpc-status", "0");
    }
}
