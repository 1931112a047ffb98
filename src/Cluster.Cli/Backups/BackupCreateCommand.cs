using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Grpc.Core;

namespace Cluster.Cli.Backups;

/// <summary><c>backup create</c>: everything that was acknowledged before, in one file that is whole or not there.</summary>
internal sealed class BackupCreateCommand : CliCommand
{
    private readonly Argument<string> _file;

    public BackupCreateCommand(CliContext context)
        : base(context, "create", "Save the cluster's whole state in a file (on a manager); it holds all keys and secrets: keep it as safe as the cluster's root") =>
        _file = One("FILE", "Where to write it; must not exist");

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        string path = flags.GetRequiredValue(_file), partial = path + ".partial";
        if (File.Exists(path)) throw new CliException($"{path} exists: choose another name");
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
            await using (FileStream file = new(partial, options))
            {
                using AsyncServerStreamingCall<CreateBackupResponse> call = daemon.Control.CreateBackup(new CreateBackupRequest(), cancellationToken: ct);
                while (await NextAsync(call, daemon, ct)) call.ResponseStream.Current.Data.WriteTo(file);
                file.Flush(flushToDisk: true);
            }

            await BackupFile.InspectAsync(partial, ct);
            File.Move(partial, path);
        }
        finally
        {
            File.Delete(partial);
        }

        await Output.WriteLineAsync(path);
    }

    private static async Task<bool> NextAsync(AsyncServerStreamingCall<CreateBackupResponse> call, DaemonConnection daemon, CancellationToken ct)
    {
        try
        {
            return await call.ResponseStream.MoveNext(ct);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            throw daemon.Explain(e);
        }
    }
}
