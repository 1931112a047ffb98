using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Cluster.Rpc;

namespace Cluster.UnitTests.Rpc;

/// <summary>A bare HTTP/2 client, to see what is on the wire and to send what no client of ours would.</summary>
internal sealed class RawHttpClient(RpcAddress address) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler());

    public static byte[] Frame(byte[] message, byte flags = 0)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public Task<HttpResponseMessage> PostAsync(string path, byte[] body, params (string Key, string Value)[] headers) =>
        PostAsync(path, body, "application/grpc", headers);

    public async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string contentType, params (string Key, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://{address}{path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach ((string key, string value) in headers) request.Headers.TryAddWithoutValidation(key, value);
        return await _invoker.SendAsync(request, CancellationToken.None);
    }

    public void Dispose() => _invoker.Dispose();
}
