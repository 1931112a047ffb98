using Cluster.Api.V1;
using Cluster.Cli.CommandLine;
using Cluster.Model.Specs;

namespace Cluster.Cli.Certificates;

/// <summary>Swarm's <c>protocol=cfssl,url=https://…[,cacert=FILE]</c>.</summary>
internal static class ExternalCaSyntax
{
    public const string Help = $"A signing server that issues the certificates instead of the managers, as {Form}; cacert: the root that it signs for (default: the cluster's)";

    private const string Form = $"protocol={ExternalAuthority.Protocol},url=https://…[,cacert=FILE]";

    public static IEnumerable<ExternalCa> Parse(IEnumerable<string> texts) => texts.Select(Parse);

    private static ExternalCa Parse(string text)
    {
        ExternalCa external = new();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new CliException($"external-ca '{text}': '{part}' is not key=value; expected is {Form}");
            string value = part[(equals + 1)..];
            switch (part[..equals].ToLowerInvariant())
            {
                case "protocol":
                    external.Protocol = value.ToLowerInvariant();
                    break;
                case "url":
                    external.Url = value;
                    break;
                case "cacert":
                    external.RootCertificateDer = PemFile.ReadCertificate(value);
                    break;
                default:
                    throw new CliException($"external-ca '{text}': '{part[..equals]}' is not known; expected is {Form}");
            }
        }

        if (external.Protocol != ExternalAuthority.Protocol) throw new CliException($"external-ca '{text}': protocol={ExternalAuthority.Protocol} is needed; there is no other");
        return Uri.TryCreate(external.Url, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps
            ? external
            : throw new CliException($"external-ca '{text}': url=https://… is needed");
    }
}
