using Cluster.UnitTests.Rpc.V1;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc;

/// <summary>What one identity may have in flight.</summary>
public sealed class CallQuotaTests
{
    [Fact]
    public async Task Refuses_the_stream_above_the_limit_until_another_has_ended()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with { IdentityOf = _ => "node one", MaxStreamsPerIdentity = 2 });
        Echo.EchoClient client = server.Connect(Transport.MutualTls);
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> first = await OpenAsync(client);
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> second = await OpenAsync(client);

        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> third = client.Duplex();
        RpcException refusal = await RpcAssert.FailsAsync(StatusCode.ResourceExhausted, () => third.ResponseStream.MoveNext());
        Assert.Contains("node one has 2 streams open", refusal.Status.Detail, StringComparison.Ordinal);
        await client.UnaryAsync(new EchoMessage());

        await first.RequestStream.CompleteAsync();
        while (await first.ResponseStream.MoveNext())
        {
            // To its end.
        }

        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> fourth = await OpenAsync(client);
    }

    [Fact]
    public async Task Counts_calls_of_each_identity_alone_over_all_its_connections()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync(options => options with
        {
            IdentityOf = peer => peer.Certificate is null ? null : "node one",
            MaxCallsPerIdentity = 1,
        });
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> open = await OpenAsync(server.Connect(Transport.MutualTls));
        RpcException refusal = await RpcAssert.FailsAsync(StatusCode.ResourceExhausted, async () => await server.Connect(Transport.MutualTls).UnaryAsync(new EchoMessage()));
        Assert.Contains("node one has 1 calls open", refusal.Status.Detail, StringComparison.Ordinal);
        await server.Connect(Transport.UnixSocket).UnaryAsync(new EchoMessage());
    }

    private static async Task<AsyncDuplexStreamingCall<EchoMessage, EchoMessage>> OpenAsync(Echo.EchoClient client)
    {
        AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = client.Duplex();
        await call.RequestStream.WriteAsync(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext());
        return call;
    }
}
