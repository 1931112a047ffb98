using System.Globalization;
using Cluster.Rpc;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Benchmarks.Quorum;

/// <summary>Debian's etcd (<c>apt-get install etcd-server</c>), spoken to through the same client as the own group.</summary>
internal sealed class EtcdGroup : IMeasuredGroup
{
    private const string Program = "/usr/bin/etcd";
    private const int Keys = 10_000;

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(m => m, b => b);
    private static readonly Method<byte[], byte[]> Put = new(MethodType.Unary, "etcdserverpb.KV", "Put", Bytes, Bytes);
    private static readonly Method<byte[], byte[]> Range = new(MethodType.Unary, "etcdserverpb.KV", "Range", Bytes, Bytes);
    private static readonly Method<byte[], byte[]> DeleteRange = new(MethodType.Unary, "etcdserverpb.KV", "DeleteRange", Bytes, Bytes);
    private static readonly Method<byte[], byte[]> Status = new(MethodType.Unary, "etcdserverpb.Maintenance", "Status", Bytes, Bytes);

    /// <summary>As start and end of a range: all keys.</summary>
    private static readonly ByteString All = ByteString.CopyFrom(0);

    private readonly ChildProcesses _processes = new();
    private readonly List<RpcChannel> _channels = [];
    private readonly byte[] _value;
    private CallInvoker _leader = null!;
    private int _next;

    private readonly List<string[]> _members = [];

    private EtcdGroup(int entryBytes) => _value = new byte[entryBytes];

    public (TimeSpan Processor, long Switches) Cost => _processes.Cost();

    public string Name => "etcd";

    public static bool IsInstalled => File.Exists(Program);

    public static async Task<EtcdGroup> StartAsync(GroupIdentity identity, string directory, int entryBytes, CancellationToken ct)
    {
        EtcdGroup group = new(entryBytes);
        int[] ports = ChildProcesses.FreePorts(6);
        string initial = string.Join(',', Enumerable.Range(0, 3).Select(i => $"m{i}=https://127.0.0.1:{ports[i]}"));
        for (int i = 0; i < 3; i++)
        {
            string peer = $"https://127.0.0.1:{ports[i]}", client = $"https://127.0.0.1:{ports[3 + i]}";
            group._members.Add(
                [
                    "--name", $"m{i}", "--data-dir", Path.Combine(directory, $"etcd-{i}"), "--log-level", "error",
                    "--initial-cluster", initial, "--initial-cluster-state", "new",
                    "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--listen-client-urls", client, "--advertise-client-urls", client,
                    "--peer-cert-file", identity.CertificatePath("etcd"), "--peer-key-file", identity.KeyPath("etcd"),
                    "--peer-trusted-ca-file", identity.RootPath, "--peer-client-cert-auth",
                    "--cert-file", identity.CertificatePath("etcd"), "--key-file", identity.KeyPath("etcd"),
                    "--trusted-ca-file", identity.RootPath, "--client-cert-auth",
                    "--quota-backend-bytes", (8L << 30).ToString(CultureInfo.InvariantCulture),
                ]);
            group._channels.Add(new RpcChannel(new RpcChannelOptions
            {
                Address = RpcAddress.Tcp("127.0.0.1", ports[3 + i]),
                Tls = new RpcClientTls { Certificate = OwnGroup.Once(identity, "etcd"), TrustedRoots = () => [identity.Root] },
                MaxReceiveMessageBytes = 64 << 20,
            }));
        }

        await group.StartAsync(ct);
        return group;
    }

    /// <summary>Starts all members, again after <see cref="KillAll"/>; returns when one leads.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        foreach (string[] arguments in _members) _processes.Start(Program, arguments);
        await FindLeaderAsync(ct);
    }

    public void KillAll() => _processes.KillAll();

    public async Task PutAsync(string key, CancellationToken ct) => await CallAsync(Put, Fields((1, ByteString.CopyFromUtf8(key)), (2, UnsafeByteOperations.UnsafeWrap(_value))), ct);

    /// <summary>All keys, as a majority has them.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync(CancellationToken ct)
    {
        List<string> keys = [];
        CodedInputStream answer = new(await CallAsync(Range, [.. Fields((1, All), (2, All)), (8 << 3), 1], ct));
        for (uint tag; (tag = answer.ReadTag()) != 0;)
        {
            if (tag == ((2 << 3) | 2)) keys.Add(KeyOf(answer.ReadBytes()));
            else answer.SkipLastField();
        }

        return keys;
    }

    public async Task DeleteAllAsync(CancellationToken ct) => await CallAsync(DeleteRange, Fields((1, All), (2, All)), ct);

    public async Task AppendAsync(CancellationToken ct)
    {
        byte[] key = BitConverter.GetBytes(Interlocked.Increment(ref _next) % Keys);
        await CallAsync(Put, Fields((1, UnsafeByteOperations.UnsafeWrap(key)), (2, UnsafeByteOperations.UnsafeWrap(_value))), ct);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RpcChannel channel in _channels) await channel.DisposeAsync();
        _processes.Dispose();
    }

    private async Task<byte[]> CallAsync(Method<byte[], byte[]> method, byte[] request, CancellationToken ct)
    {
        using AsyncUnaryCall<byte[]> call = _leader.AsyncUnaryCall(method, null, new CallOptions(cancellationToken: ct), request);
        return await call;
    }

    /// <summary>A message of fields of bytes.</summary>
    private static byte[] Fields(params IReadOnlyList<(int Number, ByteString Value)> fields)
    {
        byte[] message = new byte[fields.Sum(field => 1 + CodedOutputStream.ComputeBytesSize(field.Value))];
        CodedOutputStream output = new(message);
        foreach ((int number, ByteString value) in fields)
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(value);
        }

        output.Flush();
        return message;
    }

    private static string KeyOf(ByteString keyValue)
    {
        CodedInputStream input = keyValue.CreateCodedInput();
        for (uint tag; (tag = input.ReadTag()) != 0;)
        {
            if (tag == ((1 << 3) | 2)) return input.ReadBytes().ToStringUtf8();
            input.SkipLastField();
        }

        return "";
    }

    private async Task FindLeaderAsync(CancellationToken ct)
    {
        for (int i = 0; ; i++)
        {
            _leader = _channels[i % _channels.Count].CreateCallInvoker();
            try
            {
                using AsyncUnaryCall<byte[]> call = _leader.AsyncUnaryCall(Status, null, new CallOptions(cancellationToken: ct), []);
                (ulong self, ulong leader) = Read(await call);
                if (self == leader) break;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.Unknown && i < 300)
            {
                // Not up yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, ct);
        }

        await AppendAsync(ct);
    }

    /// <summary>The member that answered (header, its second field) and the leader (fourth field).</summary>
    private static (ulong Self, ulong Leader) Read(byte[] status)
    {
        (ulong self, ulong leader) = (0, 0);
        CodedInputStream input = new(status);
        for (uint tag; (tag = input.ReadTag()) != 0;)
        {
            if (tag == ((1 << 3) | 2)) self = Read(input.ReadBytes());
            else if (tag == (4 << 3)) leader = input.ReadUInt64();
            else input.SkipLastField();
        }

        return (self, leader);
    }

    private static ulong Read(ByteString header)
    {
        CodedInputStream input = header.CreateCodedInput();
        for (uint tag; (tag = input.ReadTag()) != 0;)
        {
            if (tag == (2 << 3)) return input.ReadUInt64();
            input.SkipLastField();
        }

        return 0;
    }
}
