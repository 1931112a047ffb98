using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Cli.Contexts;
using Cluster.Model.Parsing;
using Google.Protobuf;

namespace Cluster.Cli.Certificates;

/// <summary><c>cert issue</c>: lets a person use the cluster from another machine. The key is made here and does not travel.</summary>
internal sealed class CertIssueCommand : CliCommand
{
    private readonly Option<string> _role;
    private readonly Option<string> _expiry;
    private readonly Option<string> _output;
    private readonly Argument<string> _name;

    public CertIssueCommand(CliContext context)
        : base(context, "issue", "Make an identity for a person, for 'cluster context create' on another machine. It counts until it ends, or until the root is exchanged ('cluster node ca --rotate'), which takes all of them back")
    {
        _role = Text("--role", "reader (looks) or operator (changes; the default)");
        _expiry = Text("--expiry", "How long it counts, such as 720h (default: as node certificates)");
        _output = Text("--output", "The file to write (default: NAME.cluster.pem)", "-o");
        _name = One("NAME", "Whom it is for; stands in the log beside what the person changes");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        string name = flags.GetRequiredValue(_name);
        string path = flags.GetValue(_output) ?? $"{name}.cluster.pem";
        if (File.Exists(path)) throw new CliException($"{path} exists: choose another name with --output");
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        IssueUserCertificateRequest request = new()
        {
            CsrDer = ByteString.CopyFrom(new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256).CreateSigningRequest()),
            Name = name,
            Role = ParseRole(flags.GetValue(_role)),
            LifetimeTicks = flags.GetValue(_expiry) is { } expiry ? GoDuration.Parse(expiry).OrFail().Ticks : 0,
        };
        IssueUserCertificateResponse issued = await daemon.CallAsync(() => daemon.Control.IssueUserCertificateAsync(request, daemon.Soon(ct)));
        byte[][] roots = issued.NextRootCertificateDer.IsEmpty ? [issued.RootCertificateDer.ToByteArray()] : [issued.RootCertificateDer.ToByteArray(), issued.NextRootCertificateDer.ToByteArray()];
        IdentityBundle.Create(issued.Managers, issued.CertificateDer.Span, key, roots).Write(path);
        await Output.WriteLineAsync(path);
    }

    private static UserRole ParseRole(string? text) => text?.ToLowerInvariant() switch
    {
        null or "operator" => UserRole.Operator,
        "reader" => UserRole.Reader,
        _ => throw new CliException($"role '{text}' is not known: allowed are reader and operator"),
    };
}
