using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Cluster.Cli.CommandLine;
using Cluster.Model.Certificates;
using Cluster.Model.Ids;
using Cluster.Rpc;

namespace Cluster.Cli.Contexts;

/// <summary>
/// All that a person needs to use a cluster from anywhere, in one PEM file: the managers' addresses, the person's certificate and key, and
/// the root that vouches for the managers.
/// </summary>
internal sealed record IdentityBundle(IReadOnlyList<string> Managers, string CertificatePem, string KeyPem, string RootPem)
{
    private const string ManagersPrefix = "# managers: ";
    private const string CertificateLabel = "CERTIFICATE";

    public static IdentityBundle Create(IEnumerable<string> managers, ReadOnlySpan<byte> certificateDer, ECDsa key, ReadOnlySpan<byte> rootDer) => new(
        [.. managers], PemEncoding.WriteString(CertificateLabel, certificateDer), key.ExportPkcs8PrivateKeyPem(), PemEncoding.WriteString(CertificateLabel, rootDer));

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
        if (key is null || certificates.Count != 2 || managers.Length == 0) throw new CliException($"{path} is not what 'cluster cert issue' writes: managers, a certificate, its key and the root's certificate");
        return new IdentityBundle(managers[ManagersPrefix.Length..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), certificates[0], key, certificates[1]);
    }

    /// <summary>Readable by its owner only; whole or not there.</summary>
    public void Write(string path)
    {
        string text = $"{ManagersPrefix}{string.Join(",", Managers)}\n{CertificatePem}\n{KeyPem}\n{RootPem}\n";
        string partial = path + ".partial";
        using (FileStream file = new(partial, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Shows the person's certificate and takes only a manager of the same cluster for an answer.</summary>
    public RpcClientTls ToTls(TimeProvider time)
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPem(CertificatePem, KeyPem);
        X509Certificate2 root = X509Certificate2.CreateFromPem(RootPem);
        ClusterId cluster = UserIdentity.TryRead(certificate)?.ClusterId ?? throw new CliException("the identity's certificate is not a person's");
        ClusterTrust trust = new(root, cluster, time);
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(certificate, null, offline: true);
        return new RpcClientTls
        {
            ServerName = CertificateIdentity.ManagerUnit,
            Certificate = () => context,
            ValidateServer = (_, server, chain, _) => trust.IsManager(server, chain),
        };
    }
}
