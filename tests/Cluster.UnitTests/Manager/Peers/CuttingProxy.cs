using System.Net;
using System.Net.Sockets;

namespace Cluster.UnitTests.Manager.Peers;

/// <summary>Stands between members and cuts the first connection that has carried so many bytes towards the target; later ones stay.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _targetPort;
    private readonly long _cutAfterBytes;
    private readonly Task _running;
    private int _cuts;

    public CuttingProxy(int targetPort, long cutAfterBytes)
    {
        (_targetPort, _cutAfterBytes) = (targetPort, cutAfterBytes);
        _listener.Start();
        _running = AcceptAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int Cuts => Volatile.Read(ref _cuts);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _running;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using Socket near = client;
        using Socket far = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _targetPort, ending.Token);
            await Task.WhenAny(CopyAsync(near, far, mayCut: true, ending.Token), CopyAsync(far, near, mayCut: false, ending.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Nobody is there.
        }

        await ending.CancelAsync();
    }

    private async Task CopyAsync(Socket from, Socket to, bool mayCut, CancellationToken ct)
    {
        byte[] buffer = new byte[64 << 10];
        long carried = 0;
        try
        {
            while (true)
            {
                int count = await from.ReceiveAsync(buffer, SocketFlags.None, ct);
                if (count == 0) return;
                carried += count;
                if (mayCut && carried > _cutAfterBytes && Interlocked.CompareExchange(ref _cuts, 1, 0) == 0) return;
                for (int sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None, ct);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The connection is over.
        }
    }
}
