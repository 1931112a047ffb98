using System.Diagnostics;
using System.Globalization;
using Cluster.Model.States;
using Cluster.Rpc;
using Grpc.Core;

namespace Cluster.Benchmarks.Quorum;

/// <summary>Cluster's own Raft.</summary>
internal sealed class OwnGroup : IMeasuredGroup
{
    private readonly ChildProcesses _processes = new();
    private readonly List<RpcChannel> _channels = [];
    private readonly int _entryBytes;
    private CallInvoker _leader = null!;

    private OwnGroup(int entryBytes) => _entryBytes = entryBytes;

    public (TimeSpan Processor, long Switches) Cost => _processes.Cost();

    public string Name => "cluster";

    public static async Task<OwnGroup> StartAsync(GroupIdentity identity, string directory, int entryBytes, CancellationToken ct)
    {
        OwnGroup group = new(entryBytes);
        int[] ports = ChildProcesses.FreePorts(3);
        for (int id = 1; id <= ports.Length; id++)
        {
            string log = Directory.CreateDirectory(Path.Combine(directory, $"own-{id}")).FullName;
            Process process = group._processes.Start(
                Environment.ProcessPath!,
                [
                    .. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? new[] { typeof(OwnGroup).Assembly.Location } : [],
                    GroupMember.Verb, identity.Directory, log, id.ToString(CultureInfo.InvariantCulture), string.Join(',', ports),
                ]);
            await process.StandardOutput.ReadLineAsync(ct);
        }

        foreach (int port in ports)
        {
            group._channels.Add(new RpcChannel(new RpcChannelOptions
            {
                Address = RpcAddress.Tcp("127.0.0.1", port),
                Tls = new RpcClientTls
                {
                    Certificate = Once(identity, GroupIdentity.MemberName(1)),
                    ValidateServer = (_, server, _, _) =>
                        identity.Trust.Verify(server as System.Security.Cryptography.X509Certificates.X509Certificate2, [], out _)?.Role == NodeRole.Manager,
                },
            }));
        }

        await group.FindLeaderAsync(ct);
        return group;
    }

    public async Task AppendAsync(CancellationToken ct)
    {
        using AsyncUnaryCall<byte[]> call = _leader.AsyncUnaryCall(GroupMember.Append, null, new CallOptions(cancellationToken: ct), new byte[_entryBytes]);
        await call;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RpcChannel channel in _channels) await channel.DisposeAsync();
        _processes.Dispose();
    }

    internal static Func<System.Net.Security.SslStreamCertificateContext> Once(GroupIdentity identity, string name)
    {
        System.Net.Security.SslStreamCertificateContext context = identity.ContextOf(name);
        return () => context;
    }

    private async Task FindLeaderAsync(CancellationToken ct)
    {
        for (int i = 0; ; i++)
        {
            _leader = _channels[i % _channels.Count].CreateCallInvoker();
            try
            {
                await AppendAsync(ct);
                return;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.FailedPrecondition or StatusCode.Unavailable && i < 300)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, ct);
            }
        }
    }
}
