using System.Net.Sockets;
using Cluster.Rpc;
using Cluster.Rpc.Server;
using Cluster.UnitTests.Rpc.V1;
using Xunit;

namespace Cluster.UnitTests.Rpc;

public sealed class UnixSocketTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rpc-unix-");

    private string SocketPath => Path.Combine(_directory.FullName, "a.sock");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Is_open_to_its_owner_only()
    {
        await using RpcServer server = await StartAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
    }

    [Fact]
    public async Task Has_the_mode_that_was_asked_for()
    {
        const UnixFileMode group = RpcEndpoint.OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        await using RpcServer server = await StartAsync(group);

        Assert.Equal(group, File.GetUnixFileMode(SocketPath));
    }

    [Fact]
    public async Task Shows_the_client_process_to_the_handler()
    {
        await using RpcServer server = await StartAsync();

        EchoMessage who = await CallAsync();

        Assert.Matches(@"^-\|True\|\d+$", who.Text);
        Assert.Equal(Environment.ProcessId, who.Number);
    }

    [Fact]
    public async Task Replaces_a_socket_that_nobody_listens_on()
    {
        using (var abandoned = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            abandoned.Bind(new UnixDomainSocketEndPoint(SocketPath + ".old"));
            File.Move(SocketPath + ".old", SocketPath); // hides it from the socket's own clean-up
        }

        await using RpcServer server = await StartAsync();

        await CallAsync();
    }

    [Fact]
    public async Task Leaves_a_socket_that_another_server_listens_on()
    {
        await using RpcServer first = await StartAsync();

        IOException refused = await Assert.ThrowsAsync<IOException>(() => StartAsync());

        Assert.Contains("another process is listening", refused.ToString(), StringComparison.Ordinal);
        await CallAsync();
    }

    [Fact]
    public async Task Leaves_a_socket_whose_listener_accepts_nobody()
    {
        using var busy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        busy.Bind(new UnixDomainSocketEndPoint(SocketPath));
        busy.Listen(backlog: 0);
        using var queued = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await queued.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), CancellationToken.None);

        await Assert.ThrowsAsync<IOException>(() => StartAsync());

        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public async Task Leaves_a_file_that_is_no_socket()
    {
        await File.WriteAllTextAsync(SocketPath, "precious", CancellationToken.None);

        IOException refused = await Assert.ThrowsAsync<IOException>(() => StartAsync());

        Assert.Contains("a file is in its place", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(SocketPath, CancellationToken.None));
    }

    [Fact]
    public async Task Is_removed_when_the_server_stops()
    {
        await using RpcServer server = await StartAsync();

        await server.StopAsync(CancellationToken.None);

        Assert.False(File.Exists(SocketPath));
    }

    private async Task<RpcServer> StartAsync(UnixFileMode mode = RpcEndpoint.OwnerOnly)
    {
        var server = new RpcServer(new RpcServerOptions
        {
            Endpoints = [RpcEndpoint.Unix(SocketPath, mode)],
            Services = [Echo.BindService(new EchoService())],
        });
        try
        {
            await server.StartAsync(CancellationToken.None);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task<EchoMessage> CallAsync()
    {
        using var channel = new RpcChannel(new RpcChannelOptions { Address = RpcAddress.Unix(SocketPath) });
        return await new Echo.EchoClient(channel).UnaryAsync(new EchoMessage { Text = "who" });
    }
}
