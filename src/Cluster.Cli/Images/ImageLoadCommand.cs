using System.CommandLine;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Google.Protobuf;
using Grpc.Core;

namespace Cluster.Cli.Images;

/// <summary><c>image load</c>: an OCI layout archive into this machine's images.</summary>
internal sealed class ImageLoadCommand : CliCommand
{
    private const int ChunkBytes = 1 << 20;

    private readonly Option<string> _input;
    private readonly Option<bool> _quiet;

    public ImageLoadCommand(CliContext context)
        : base(context, "load", "Load an image archive (OCI layout as tar) on this machine; each machine that shall run it needs it")
    {
        _input = Text("--input", "The archive's file (default: standard input)", "-i");
        _quiet = Switch("--quiet", "Only the references", "-q");
        NotBuilt("--platform");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        await using Stream archive = Open(flags.GetValue(_input));
        using AsyncClientStreamingCall<LoadImageRequest, LoadImageResponse> call = daemon.Images.LoadImage(cancellationToken: ct);
        LoadImageResponse response;
        try
        {
            await SendAsync(archive, call.RequestStream, ct);
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

        foreach (string reference in response.References)
            await Output.WriteLineAsync(flags.GetValue(_quiet) ? reference : $"Loaded image: {reference}");
    }

    private static Stream Open(string? path)
    {
        if (path is null or "-") return Console.OpenStandardInput();
        if (!File.Exists(path)) throw new CliException($"there is no file '{path}': give the path of an image archive with -i");
        return File.OpenRead(path);
    }

    private static async Task SendAsync(Stream archive, IClientStreamWriter<LoadImageRequest> requests, CancellationToken ct)
    {
        byte[] buffer = new byte[ChunkBytes];
        while (await archive.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct) is > 0 and var count)
            await requests.WriteAsync(new LoadImageRequest { Data = ByteString.CopyFrom(buffer, 0, count) }, ct);
        await requests.CompleteAsync();
    }
}
