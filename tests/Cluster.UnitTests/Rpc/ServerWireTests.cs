using Cluster.Rpc;
using Cluster.UnitTests.Rpc.V1;
using Google.Protobuf;
using Xunit;

namespace Cluster.UnitTests.Rpc;

/// <summary>The server's answers as they are on the wire.</summary>
public sealed class ServerWireTests : IAsyncLifetime
{
    private const string Unary = "/cluster.test.v1.Echo/Unary";

    private RpcTestServer _server = null!;
    private RawHttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await RpcTestServer.StartAsync();
        _client = new RawHttpClient(RpcAddress.Tcp("127.0.0.1", _server.PlainPort));
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Puts_the_status_into_the_headers_of_an_answer_without_body()
    {
        using HttpResponseMessage response = await _client.PostAsync("/cluster.test.v1.Echo/Nope", RawHttpClient.Frame([]));

        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("application/grpc", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Puts_the_status_into_the_trailers_after_a_message()
    {
        byte[] request = RawHttpClient.Frame(new EchoMessage { Text = "status" }.ToByteArray());
        using HttpResponseMessage response = await _client.PostAsync(Unary, request);

        Assert.Equal(request, await response.Content.ReadAsByteArrayAsync(CancellationToken.None));
        Assert.False(response.Headers.Contains("grpc-status"));
        Assert.Equal("15", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal("set", response.TrailingHeaders.GetValues("grpc-message").Single());
    }

    [Fact]
    public async Task Encodes_message_and_binary_trailers()
    {
        using HttpResponseMessage response = await _client.PostAsync(Unary, RawHttpClient.Frame(new EchoMessage { Text = "fail" }.ToByteArray()));

        Assert.Equal("no: %C3%A4%25%0A", response.Headers.GetValues("grpc-message").Single());
        Assert.Equal("AP8H", response.Headers.GetValues("raw-bin").Single());
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/grpc-web", 415)]
    [InlineData("application/grpc+proto", 200)]
    public async Task Answers_what_is_not_gRPC_with_an_HTTP_status(string contentType, int expected)
    {
        using HttpResponseMessage response = await _client.PostAsync(Unary, RawHttpClient.Frame([]), contentType);

        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task Refuses_an_unknown_compression_and_says_which_it_knows()
    {
        using HttpResponseMessage response = await _client.PostAsync(Unary, RawHttpClient.Frame([1], flags: 1), ("grpc-encoding", "snappy"));

        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("identity,gzip", response.Headers.GetValues("grpc-accept-encoding").Single());
    }

    public static TheoryData<byte[], string, string> BadRequests => new()
    {
        { [], "12", "no message" },
        { [.. RawHttpClient.Frame([]), .. RawHttpClient.Frame([])], "12", "two messages" },
        { [0, 0, 0], "13", "half a header" },
        { [0, 0, 0, 0, 9, 1], "13", "half a message" },
        { [7, 0, 0, 0, 0], "13", "unknown flags" },
        { RawHttpClient.Frame([1, 2, 3], flags: 1), "13", "compressed without saying how" },
        { RawHttpClient.Frame([0xff, 0xff]), "13", "no such message" },
        { [0, 0xff, 0xff, 0xff, 0xff], "8", "4 GiB announced" },
    };

    [Theory, MemberData(nameof(BadRequests))]
    public async Task Refuses_requests_that_break_the_protocol(byte[] body, string status, string what)
    {
        using HttpResponseMessage response = await _client.PostAsync(Unary, body);

        Assert.True(status == response.Headers.GetValues("grpc-status").Single(), what);
        Assert.Equal(0, _server.Service.Calls);
        Assert.Empty(_server.Unhandled);
    }

    [Fact]
    public async Task Refuses_a_damaged_compressed_request()
    {
        using HttpResponseMessage response = await _client.PostAsync(Unary, RawHttpClient.Frame([1, 2, 3], flags: 1), ("grpc-encoding", "gzip"));

        Assert.Equal("13", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Takes_binary_metadata_padded_unpadded_and_joined()
    {
        byte[] request = RawHttpClient.Frame(new EchoMessage { Text = "metadata" }.ToByteArray());
        using HttpResponseMessage response = await _client.PostAsync(Unary, request, ("x-in-bin", "AA==,AQ,AgM"), ("odd-bin", "***"));

        Assert.Equal("AgM", response.Headers.GetValues("seen-bin").Single());
    }

    [Fact]
    public async Task Ignores_a_timeout_that_it_cannot_read()
    {
        byte[] request = RawHttpClient.Frame(new EchoMessage { Text = "deadline" }.ToByteArray());
        using HttpResponseMessage response = await _client.PostAsync(Unary, request, ("grpc-timeout", "soon"));

        byte[] body = await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
        Assert.Equal(-1, EchoMessage.Parser.ParseFrom(body.AsSpan(5)).Number);
    }
}
