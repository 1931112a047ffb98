using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Cluster.Cli.CommandLine;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.States;
using Cluster.Rpc;

namespace Cluster.Cli.Contexts;

/// <summary>
/// All that a person needs to use a cluster from anywhere, in one PEM file: the managers' addresses, the person's certificate and key, and
/// the root that vouches for the managers; two, while the cluster exchanges it.
/// </summary>
internal sealed record IdentityBundle(IReadOnlyList<string> Managers, string CertificatePem, string KeyPem, IReadOnlyList<string> RootsPem)
{
    private const string ManagersPrefix = "# managers: ";
    private const string CertificateLabel = "CERTIFICATE";

    public static IdentityBundle Create(IEnumerable<string> managers, ReadOnlySpan<byte> certificateDer, ECDsa key, params IEnumerable<byte[]> rootsDer) => new(
        [.. managers], PemEncoding.WriteString(CertificateLabel, certificateDer), key.ExportPkcs8PrivateKeyPem(), [.. rootsDer.Select(der => PemEncoding.WriteString(CertificateLabel, der))]);

    public static IdentityBundle Read(string path)
    {
        string text = File.ReadAllText(path);
        List<string> certificates = [];
        string? key = null;
        for (ReadOnlySpan<char> rest = text; PemEncoding.TryFind(rest, out PemFields fields); rest = rest[fields.Location.End..])
        {
            string block = rest[fields.Location].ToString();
            if (rest[fields.Label] is CertificateLabel) certificates.Add(block);
            else key ??= block;
        }

        string managers = text.Split('\n').FirstOrDefault(line => line.StartsWith(ManagersPrefix, StringComparison.Ordinal)) ?? "";
        if (key is null || certificates.Count is not (2 or 3) || managers.Length == 0) throw new CliException($"{path} is not what 'cluster cert issue' writes: managers, a certificate, its key and the root's certificate");
        return new IdentityBundle(managers[ManagersPrefix.Length..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), certificates[0], key, certificates[1..]);
    }

    /// <summary>Readable by its owner only; whole or not there.</summary>
    public void Write(string path)
    {
        string text = $"{ManagersPrefix}{string.Join(",", Managers)}\n{CertificatePem}\n{KeyPem}\n{string.Join('\n', RootsPem)}\n";
        string partial = path + ".partial";
        using (FileStream file = new(partial, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Shows the person's certificate and takes only a manager of the same cluster for an answer.</summary>
    /// <param name="time">The time.</param>
    /// <param name="refused">Told why a server was not taken for one.</param>
    public RpcClientTls ToTls(TimeProvider time, Action<string> refused)
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPem(CertificatePem, KeyPem);
        ClusterId cluster = UserIdentity.TryRead(certificate)?.ClusterId ?? throw new CliException("the identity's certificate is not a person's");
        TrustedRoots roots = new(RootsPem.Select(pem => ImmutableArray.Create(X509Certificate2.CreateFromPem(pem).RawDataMemory.Span)), [], generation: 0);
        ClusterTrust trust = new(roots, cluster, time);
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(certificate, null, offline: true);
        return new RpcClientTls
        {
            ServerName = CertificateIdentity.ManagerUnit,
            Certificate = () => context,
            ValidateServer = (_, server, chain, _) =>
            {
                if (trust.Verify(server as X509Certificate2, chain?.ChainPolicy.ExtraStore ?? [], out string refusal) is { Role: NodeRole.Manager }) return true;
                refused(refusal.Length > 0 ? refusal : "it is not a manager's");
                return false;
            },
        };
    }
}
