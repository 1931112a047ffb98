using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Model.Certificates;

/// <summary>Whether roots vouch for a certificate: only those that are given, without the machine's own, without asking anybody.</summary>
public static class CertificateChain
{
    /// <param name="certificate">In question.</param>
    /// <param name="between">What may stand between it and a root.</param>
    /// <param name="roots">That are believed.</param>
    /// <param name="utc">When it has to be valid.</param>
    /// <param name="status">Why none does.</param>
    /// <returns>How many certificates lead to a root, both ends counted: 1 for a root itself; 0: none do.</returns>
    public static int Length(X509Certificate2 certificate, IEnumerable<X509Certificate2> between, IReadOnlyCollection<X509Certificate2> roots, DateTime utc, out string status)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = utc;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        foreach (X509Certificate2 root in roots) chain.ChainPolicy.CustomTrustStore.Add(root);
        foreach (X509Certificate2 intermediate in between) chain.ChainPolicy.ExtraStore.Add(intermediate);

        bool built = chain.Build(certificate);
        status = string.Join(", ", chain.ChainStatus.Select(s => s.Status.ToString()).Distinct(StringComparer.Ordinal));
        bool atRoot = built && chain.ChainElements.Count > 0 && roots.Any(root => IsSame(chain.ChainElements[^1].Certificate, root));
        int length = atRoot ? chain.ChainElements.Count : 0;
        foreach (X509ChainElement element in chain.ChainElements) element.Certificate.Dispose();
        return length;
    }

    private static bool IsSame(X509Certificate2 a, X509Certificate2 b) => CryptographicOperations.FixedTimeEquals(a.RawDataMemory.Span, b.RawDataMemory.Span);
}
