using System.CommandLine;
using System.Text.Json.Nodes;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Output;
using Cluster.Model.Parsing;
using Cluster.Model.Time;

namespace Cluster.Cli.Images;

/// <summary><c>image ls</c>.</summary>
internal sealed class ImageListCommand : CliCommand
{
    private const string DigestPrefix = "sha256:";

    private static readonly ListFormat Format = new(
        [
            new("Repository", "REPOSITORY"), new("Tag", "TAG"), new("ID", "IMAGE ID"), new("CreatedSince", "CREATED"), new("Size", "SIZE"), new("Digest", "DIGEST"),
            new("Reference", "REFERENCE"), new("CreatedAt", "CREATED AT"),
        ],
        "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}");

    private readonly Option<string> _format;
    private readonly Option<bool> _quiet;
    private readonly Option<bool> _noTrunc;

    public ImageListCommand(CliContext context)
        : base(context, "ls", "List the images of this machine", "list")
    {
        _format = Text("--format", "table, json, TEMPLATE or 'table TEMPLATE'");
        _quiet = Switch("--quiet", "Only ids", "-q");
        _noTrunc = Switch("--no-trunc", "Do not shorten ids");
        NotBuilt("--all", "--digests", "--filter", "--tree");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        ListImagesResponse response = await daemon.CallAsync(() => daemon.Images.ListImagesAsync(new ListImagesRequest(), daemon.Soon(ct)));
        bool noTrunc = flags.GetValue(_noTrunc);
        IEnumerable<JsonObject> rows = response.Images.OrderBy(image => image.Reference, StringComparer.Ordinal).Select(image => Row(image, noTrunc));
        await Format.WriteAsync(Output, flags.GetValue(_format), flags.GetValue(_quiet), rows);
    }

    private JsonObject Row(Image image, bool noTrunc)
    {
        ImageReference? reference = ImageReference.Parse(image.Reference) is { IsOk: true } parsed ? parsed.Value : null;
        ClusterTime created = new(image.CreatedAtTicks);
        string digest = image.Digest.StartsWith(DigestPrefix, StringComparison.Ordinal) ? image.Digest[DigestPrefix.Length..] : image.Digest;
        return new JsonObject
        {
            ["Repository"] = reference?.FamiliarName ?? image.Reference,
            ["Tag"] = reference?.Tag ?? "<none>",
            ["ID"] = noTrunc ? image.Digest : HumanText.ShortId(digest),
            ["CreatedSince"] = HumanText.Ago(created, Context.Time),
            ["Size"] = HumanText.DecimalSize(image.SizeBytes),
            ["Digest"] = image.Digest,
            ["Reference"] = image.Reference,
            ["CreatedAt"] = HumanText.Rfc3339(created),
        };
    }
}
