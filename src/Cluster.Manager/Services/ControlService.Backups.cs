using System.IO.Pipelines;
using Cluster.Api.V1;
using Cluster.Store;
using Cluster.Store.Snapshots;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Cluster.Manager.Services;

internal sealed partial class ControlService
{
    private const int BackupPartBytes = 64 << 10;

    /// <summary>Everything that was acknowledged before the call; the bytes are a snapshot of the store, with its checksum at the end.</summary>
    public override async Task CreateBackup(CreateBackupRequest request, IServerStreamWriter<CreateBackupResponse> responseStream, ServerCallContext context)
    {
        CancellationToken ct = context.CancellationToken;
        StoreSnapshot state = await Replies.Of(() => control.ReadAsync(ct));
        Pipe pipe = new();
        Task writing = Task.Run(() => WriteAsync(state, pipe.Writer, ct), CancellationToken.None);
        byte[] part = new byte[BackupPartBytes];
        await using (Stream content = pipe.Reader.AsStream())
        {
            for (int read; (read = await content.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, ct)) > 0;)
            {
                await responseStream.WriteAsync(new CreateBackupResponse { Data = ByteString.CopyFrom(part, 0, read) }, ct);
            }
        }

        await writing;
    }

    private static async Task WriteAsync(StoreSnapshot state, PipeWriter target, CancellationToken ct)
    {
        try
        {
            SnapshotWriter.Write(state, target.AsStream(leaveOpen: true), ct);
            await target.CompleteAsync();
        }
        catch (Exception e) // the reader is told, and throws it
        {
            await target.CompleteAsync(e);
        }
    }
}
