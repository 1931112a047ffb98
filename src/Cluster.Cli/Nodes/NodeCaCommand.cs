using System.CommandLine;
using System.Security.Cryptography;
using Cluster.Api.V1;
using Cluster.Cli.Certificates;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;
using Cluster.Model.Parsing;
using Google.Protobuf;

namespace Cluster.Cli.Nodes;

/// <summary><c>node ca</c>: shows the cluster's root certificate, or exchanges it for another one.</summary>
internal sealed class NodeCaCommand : CliCommand
{
    private readonly Option<bool> _rotate;
    private readonly Option<string> _certificate;
    private readonly Option<string> _key;
    private readonly Option<string> _crossSigned;
    private readonly Option<string> _expiry;
    private readonly Option<string[]> _external;
    private readonly Option<bool> _detach;
    private readonly Option<bool> _quiet;

    public NodeCaCommand(CliContext context)
        : base(
            context,
            "ca",
            "Show the root certificate, or exchange it (--rotate). Nodes change over while everything runs; one that is down does so when it comes back. At the end join tokens are new ones, "
            + "and certificates of 'cert issue' that the root of before has issued count no longer: that is also the way to take them back")
    {
        _rotate = Switch("--rotate", "Exchange the root for a new one: made by the cluster, or that of --ca-cert");
        _certificate = Text("--ca-cert", "File with the new root's certificate, PEM");
        _key = Text("--ca-key", "File with the new root's key, PEM; not needed with --external-ca");
        _crossSigned = Text("--ca-cross-cert", "File with the new root's subject and key signed by the present root, PEM; only where the managers do not have the present root's key");
        _expiry = Text("--cert-expiry", "Validity of node certificates from now on, such as 2160h");
        _external = Texts("--external-ca", ExternalCaSyntax.Help + "; without it, the managers sign");
        _detach = Switch("--detach", "Do not wait until all nodes have changed over", "-d");
        _quiet = Switch("--quiet", "Show no progress", "-q");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        if (!flags.GetValue(_rotate))
        {
            RefuseWithoutRotate(flags);
            GetClusterResponse present = await daemon.CallAsync(() => daemon.Control.GetClusterAsync(new GetClusterRequest(), daemon.Soon(ct)));
            await WriteAsync(present.Cluster.RootCertificateDer);
            return;
        }

        RotateRootRequest request = Read(flags);
        RotateRootResponse begun = await daemon.ChangeAsync(
            id =>
            {
                request.RequestId = id;
                return daemon.Control.RotateRootAsync(request, daemon.Soon(ct));
            },
            ct);
        if (!flags.GetValue(_detach)) await new RotationWaiter(daemon, Context, flags.GetValue(_quiet)).WaitAsync(begun.CertificateDer, ct);
        await WriteAsync(begun.CertificateDer);
    }

    private RotateRootRequest Read(ParseResult flags)
    {
        RotateRootRequest request = new();
        if (flags.GetValue(_certificate) is { } certificate) request.CertificateDer = PemFile.ReadCertificate(certificate);
        else if (flags.GetValue(_key) is not null || flags.GetValue(_crossSigned) is not null) throw new CliException("--ca-key and --ca-cross-cert go with --ca-cert");
        if (flags.GetValue(_key) is { } key) request.KeyPkcs8 = PemFile.ReadKey(key);
        if (flags.GetValue(_crossSigned) is { } cross) request.CrossSignedDer = PemFile.ReadCertificate(cross);
        if (flags.GetValue(_expiry) is { } expiry) request.CertificateExpiryTicks = GoDuration.Parse(expiry).OrFail().Ticks;
        request.ExternalCas.Add(ExternalCaSyntax.Parse(flags.GetValue(_external) ?? []));
        return request;
    }

    private void RefuseWithoutRotate(ParseResult flags)
    {
        foreach (Option option in new Option[] { _certificate, _key, _crossSigned, _expiry, _external })
        {
            if (flags.GetResult(option) is not null) throw new CliException($"{option.Name} is for --rotate");
        }
    }

    private Task WriteAsync(ByteString certificateDer) => Output.WriteLineAsync(PemEncoding.WriteString("CERTIFICATE", certificateDer.Span));
}
