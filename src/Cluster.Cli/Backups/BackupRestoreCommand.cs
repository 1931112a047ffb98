using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Cli.Backups;

/// <summary><c>backup restore</c>: this machine becomes the cluster's only manager, with the state of the backup.</summary>
internal sealed class BackupRestoreCommand : CliCommand
{
    private const int PartBytes = 256 << 10;

    private readonly Option<string> _advertise;
    private readonly Option<string> _listen;
    private readonly Argument<string> _file;

    public BackupRestoreCommand(CliContext context)
        : base(context, "restore", "Make this machine the only manager of the cluster that a backup is of; nodes that know its address come back by themselves")
    {
        _advertise = Text("--advertise-addr", "Address that other nodes reach this one at, as address[:port] (default: found out, port 2377)");
        _listen = Text("--listen-addr", "Address to listen on, as address[:port] (default: 0.0.0.0:2377)");
        _file = One("FILE", "A backup");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        string path = flags.GetRequiredValue(_file);
        await BackupFile.InspectAsync(path, ct);
        using AsyncClientStreamingCall<RestoreRequest, InitResponse> call = daemon.Node.Restore(cancellationToken: ct);
        InitResponse response;
        try
        {
            await SendAsync(path, flags, call.RequestStream, ct);
            response = await call;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            throw daemon.Explain(e);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The stream broke because the daemon ended the call: its answer says why.
            response = await call;
        }

        await Output.WriteLineAsync($"Cluster restored: this node ({response.NodeId}) is its only manager, at {response.ManagerAddress}.");
    }

    private async Task SendAsync(string path, ParseResult flags, IClientStreamWriter<RestoreRequest> requests, CancellationToken ct)
    {
        await requests.WriteAsync(new RestoreRequest { AdvertiseAddress = flags.GetValue(_advertise) ?? "", ListenAddress = flags.GetValue(_listen) ?? "" }, ct);
        await using FileStream file = File.OpenRead(path);
        byte[] buffer = new byte[PartBytes];
        while (await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct) is > 0 and var count)
            await requests.WriteAsync(new RestoreRequest { Data = ByteString.CopyFrom(buffer, 0, count) }, ct);
        await requests.CompleteAsync();
    }
}
