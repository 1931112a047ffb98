using System.Globalization;
using Cluster.Rpc;
using Cluster.UnitTests.Rpc.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Xunit;

namespace Cluster.UnitTests.Rpc.Interop;

/// <summary>Both ways with grpcio, the implementation in C with Python's face.</summary>
public sealed class PythonInteropTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rpc-interop-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Serves_a_client_of_grpcio()
    {
        await using RpcTestServer server = await RpcTestServer.StartAsync();
        (string ca, string certificate, string key) = Save(server.Authority, server.ClientCertificate);
        await using PythonProcess client = await PythonProcess.StartAsync(
            "interop_client.py", Text(server.PlainPort), Text(server.TlsPort), server.SocketPath, ca, certificate, key);

        string output = await client.Output.ReadToEndAsync(CancellationToken.None).WaitAsync(RpcTestServer.Patience);

        Assert.True(await client.WaitAsync() == 0, output + client.Errors);
        Assert.Equal(76, output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Calls_a_server_of_grpcio()
    {
        var authority = new TestAuthority();
        (string ca, string certificate, string key) = Save(authority, authority.IssueServer("python"));
        await using PythonProcess server = await PythonProcess.StartAsync("interop_server.py", ca, certificate, key);
        string? ready = await server.Output.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(RpcTestServer.Patience);
        Assert.True(ready?.StartsWith("ready ", StringComparison.Ordinal), server.Errors);
        string[] ports = ready!.Split(' ');

        using var plain = new RpcChannel(new RpcChannelOptions { Address = RpcAddress.Parse("127.0.0.1:" + ports[1]) });
        await CheckAsync(new Echo.EchoClient(plain));
        using var gzip = new RpcChannel(new RpcChannelOptions { Address = RpcAddress.Parse("127.0.0.1:" + ports[1]), CompressRequests = true });
        await CheckAsync(new Echo.EchoClient(gzip));
        var context = authority.Context(authority.IssueClient("client"));
        using var tls = new RpcChannel(new RpcChannelOptions
        {
            Address = RpcAddress.Parse("localhost:" + ports[2]),
            Tls = new RpcClientTls { TrustedRoots = () => authority.Roots, Certificate = () => context },
        });
        await CheckAsync(new Echo.EchoClient(tls));
    }

    private static async Task CheckAsync(Echo.EchoClient client)
    {
        Assert.Equal("hi", (await client.UnaryAsync(new EchoMessage { Text = "hi" })).Text);
        Assert.Equal(1000, await client.ServerStream(new EchoMessage { Number = 1000 }).ResponseStream.ReadAllAsync().CountAsync());
        await CheckRequestStreamsAsync(client);
        await CheckDuplexAsync(client);
        await CheckFailuresAsync(client);
        await CheckMetadataAsync(client);

        var large = new EchoMessage { Blob = ByteString.CopyFrom(new byte[3_900_000]) };
        Assert.Equal(large, await client.UnaryAsync(large));
        DateTime hour = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(1);
        Assert.InRange((await client.UnaryAsync(new EchoMessage { Text = "deadline" }, deadline: hour)).Number, 3000, 3600);
        EchoMessage[] many = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => client.UnaryAsync(new EchoMessage { Number = i }).ResponseAsync));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long)i), many.Select(response => response.Number));
    }

    private static async Task CheckRequestStreamsAsync(Echo.EchoClient client)
    {
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> all = client.ClientStream();
        for (int i = 0; i < 1000; i++) await all.RequestStream.WriteAsync(new EchoMessage { Blob = ByteString.CopyFrom(new byte[10]) });
        await all.RequestStream.CompleteAsync();
        Assert.Equal((1000, "10000"), ((await all).Number, (await all).Text));

        using AsyncClientStreamingCall<EchoMessage, EchoMessage> stopped = client.ClientStream();
        await WriteLastAsync(stopped, "stop");
        Assert.Equal("early", (await stopped).Text);

        using AsyncClientStreamingCall<EchoMessage, EchoMessage> failed = client.ClientStream();
        await WriteLastAsync(failed, "fail");
        await RpcAssert.FailsAsync(StatusCode.OutOfRange, async () => await failed);
    }

    /// <summary>The server may have ended the call before the write is done; then the write fails, and only the response counts.</summary>
    private static async Task WriteLastAsync(AsyncClientStreamingCall<EchoMessage, EchoMessage> call, string text)
    {
        try
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Text = text });
        }
        catch (RpcException)
        {
            // The response says what there is to say.
        }
    }

    private static async Task CheckDuplexAsync(Echo.EchoClient client)
    {
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = client.Duplex(new Metadata { { "greet", "1" } });
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal("hello", call.ResponseStream.Current.Text);
        for (int i = 0; i < 50; i++)
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Number = i });
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());

        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> headers = client.Duplex(new Metadata { { "headers", "1" } });
        Assert.Equal("yes", (await headers.ResponseHeadersAsync).GetValue("early"));
    }

    private static async Task CheckFailuresAsync(Echo.EchoClient client)
    {
        RpcException failure = await RpcAssert.FailsAsync(
            StatusCode.FailedPrecondition, async () => await client.UnaryAsync(new EchoMessage { Text = "fail" }));
        Assert.Equal("no: ä%\n", failure.Status.Detail);
        Assert.Equal("because", failure.Trailers.GetValue("why"));
        Assert.Equal([0, 255, 7], failure.Trailers.GetValueBytes("raw-bin"));
        await RpcAssert.FailsAsync(StatusCode.Unimplemented, async () => await client.MissingAsync(new Empty()));
        await RpcAssert.FailsAsync(StatusCode.Aborted, async () =>
            await client.ServerStream(new EchoMessage { Text = "fail", Number = 100 }).ResponseStream.ReadAllAsync().CountAsync());
        await RpcAssert.FailsAsync(StatusCode.ResourceExhausted, async () => await client.UnaryAsync(new EchoMessage { Text = "big", Number = 5 << 20 }));
        DateTime soon = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(200);
        await RpcAssert.FailsAsync(StatusCode.DeadlineExceeded, async () => await client.UnaryAsync(new EchoMessage { Text = "wait" }, deadline: soon));
        AsyncUnaryCall<EchoMessage> cancelled = client.UnaryAsync(new EchoMessage { Text = "wait" });
        cancelled.Dispose();
        await RpcAssert.FailsAsync(StatusCode.Cancelled, async () => await cancelled);
    }

    private static async Task CheckMetadataAsync(Echo.EchoClient client)
    {
        using AsyncUnaryCall<EchoMessage> call = client.UnaryAsync(
            new EchoMessage { Text = "metadata" }, new Metadata { { "x-in", "v 1" }, { "x-in-bin", [1, 0, 200] } });
        Metadata headers = await call.ResponseHeadersAsync;
        await call;
        Assert.Equal("v 1", headers.GetValue("seen"));
        Assert.Equal([1, 0, 200], headers.GetValueBytes("seen-bin"));
        Assert.Equal(["1", "2"], call.GetTrailers().GetAll("t").Select(entry => entry.Value));
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private (string Ca, string Certificate, string Key) Save(
        TestAuthority authority, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
        return (Write("ca.pem", authority.RootPem), Write("cert.pem", certificate.ExportCertificatePem()), Write("key.pem", key.ExportPkcs8PrivateKeyPem()));
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
