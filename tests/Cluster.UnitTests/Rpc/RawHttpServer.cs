using Cluster.Rpc;
using Cluster.UnitTests.Rpc.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Cluster.UnitTests.Rpc;

/// <summary>A bare HTTP/2 server, to send what no server of ours would.</summary>
internal sealed class RawHttpServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly RpcChannel _channel;

    private RawHttpServer(WebApplication application)
    {
        _application = application;
        var options = new RpcChannelOptions { Address = RpcAddress.Tcp("127.0.0.1", new Uri(application.Urls.Single()).Port) };
        _channel = new RpcChannel(options);
        Client = new Echo.EchoClient(_channel);
    }

    public Echo.EchoClient Client { get; }

    public static async Task<RawHttpServer> StartAsync(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listener => listener.Protocols = HttpProtocols.Http2));
        WebApplication application = builder.Build();
        application.Run(answer);
        await application.StartAsync(CancellationToken.None);
        return new RawHttpServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}
