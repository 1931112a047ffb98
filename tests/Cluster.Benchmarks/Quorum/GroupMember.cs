using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Cluster.Manager.Hosting;
using Cluster.Manager.Peers;
using Cluster.Manager.Security;
using Cluster.Raft;
using Cluster.Raft.Members;
using Cluster.Raft.Storage;
using Cluster.Rpc.Server;
using Cluster.Store;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Benchmarks.Quorum;

/// <summary>
/// A member in a process of its own: Raft, its log and the managers' transport as a manager runs them, and a method that appends an entry and
/// answers when it is committed and applied here.
/// </summary>
internal sealed class GroupMember
{
    public const string Verb = "raft-member";

    public static readonly Method<byte[], byte[]> Append =
        new(MethodType.Unary, "cluster.benchmark.Log", "Append", Marshallers.Create<byte[]>(m => m, b => b), Marshallers.Create<byte[]>(m => m, b => b));

    private readonly ConcurrentDictionary<ulong, TaskCompletionSource> _waiting = new();
    private RaftHost _raft = null!;
    private RaftProgress? _last;
    private ulong _next;

    /// <summary>Arguments: directory of the certificates, directory of the log, id, ports of all members. Ends with the standard input.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        int id = int.Parse(args[2], CultureInfo.InvariantCulture);
        int[] ports = [.. args[3].Split(',').Select(port => int.Parse(port, CultureInfo.InvariantCulture))];
        await new GroupMember().ServeAsync(GroupIdentity.Open(args[0]), args[1], id, ports);
        return 0;
    }

    private async Task ServeAsync(GroupIdentity identity, string directory, int id, int[] ports)
    {
        MemberId self = new((ulong)id);
        using FileRaftStorage storage = FileRaftStorage.Open(directory, new StorageIdentity(1, 1, self), new byte[32], new FileRaftStorageOptions());
        RecoveredLog recovered = RaftBootstrap.Initialize(storage, Membership.OfVoters(Enumerable.Range(1, ports.Length).Select(i => new MemberId((ulong)i))));
        var certificate = identity.ContextOf(GroupIdentity.MemberName(id));
        PeerOptions options = new()
        {
            ClusterId = GroupIdentity.ClusterId,
            Incarnation = 1,
            Self = self,
            AdvertiseAddress = AddressOf(ports[id - 1]),
            Trust = identity.Trust,
            Certificate = () => certificate,
            Random = new Random(id),
        };
        PeerBook book = new(new PeerBookFile(directory, options, NullLogger<PeerBookFile>.Instance));
        for (int i = 1; i <= ports.Length; i++) book.Heard(new MemberId((ulong)i), AddressOf(ports[i - 1]));
        PeerTransport transport = new(options, book, storage, NullLoggerFactory.Instance);
        _raft = new RaftHost(self, storage, recovered, new Random(id), transport, TimeProvider.System, Take);
        transport.Attach(_raft);
        Authorizer authorizer = new(identity.Trust, default, () => StoreSnapshot.Empty, () => true);
        PeerAdmission admission = new(options, book, _raft, authorizer);
        using SnapshotReceiver snapshots = new(admission, storage, _raft, NullLogger<SnapshotReceiver>.Instance);
        await using RpcServer server = new(new RpcServerOptions
        {
            Endpoints =
            [
                RpcEndpoint.Tcp(new IPEndPoint(IPAddress.Loopback, ports[id - 1]), new RpcServerTls
                {
                    Certificate = () => certificate,
                    ClientCertificate = RpcClientCertificateMode.Required,
                    ValidateClient = (_, client, _, _) => identity.Trust.Verify(client as System.Security.Cryptography.X509Certificates.X509Certificate2, [], out _) is not null,
                }),
            ],
            Services =
            [
                Api.V1.RaftPeers.BindService(new PeerService(snapshots)),
                ServerServiceDefinition.CreateBuilder().AddMethod(Append, AppendAsync).Build(),
            ],
            Protocols = [new PeerStreamService(admission, _raft, TimeProvider.System).Protocol],
        });
        await server.StartAsync(CancellationToken.None);
        using CancellationTokenSource stopping = new();
        Task running = _raft.RunAsync(stopping.Token);
        await Console.Out.WriteLineAsync("ready");
        Task ended = Console.In.ReadToEndAsync(CancellationToken.None);
        if (await Task.WhenAny(ended, running) == running) await running;
        await stopping.CancelAsync();
        await transport.DisposeAsync();
    }

    private static string AddressOf(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private async Task<byte[]> AppendAsync(byte[] request, ServerCallContext context)
    {
        RaftProgress? last = Volatile.Read(ref _last);
        if (last is not { Role: RaftRole.Leader, LeaderIsEstablished: true }) throw new RpcException(new Status(StatusCode.FailedPrecondition, "not the leader"));
        ulong id = Interlocked.Increment(ref _next);
        TaskCompletionSource committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = committed;
        BinaryPrimitives.WriteUInt64LittleEndian(request, id);
        await _raft.ProposeAsync(last.Term, [request], () => committed.TrySetException(new InvalidOperationException("dropped")), context.CancellationToken);
        await committed.Task;
        return [];
    }

    private void Take(RaftProgress progress)
    {
        Volatile.Write(ref _last, progress with { Committed = [] });
        if (progress.Role != RaftRole.Leader) return;
        foreach (LogEntry entry in progress.Committed)
        {
            if (entry.Kind == EntryKind.Data && _waiting.TryRemove(BinaryPrimitives.ReadUInt64LittleEndian(entry.Data.Span), out TaskCompletionSource? waiting)) waiting.SetResult();
        }
    }
}
