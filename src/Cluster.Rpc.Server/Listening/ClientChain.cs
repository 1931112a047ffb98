using System.Security.Cryptography.X509Certificates;

namespace Cluster.Rpc.Server.Listening;

/// <summary>What a client has sent beside its certificate, kept with its connection: the handshake shows it once.</summary>
internal static class ClientChain
{
    /// <summary>More is not kept: nobody's chain is that long.</summary>
    private const int MaxCertificates = 8;

    private static readonly object Key = new();

    /// <summary>Copies: those of the handshake do not outlive it.</summary>
    public static void Keep(IDictionary<object, object?> items, X509Certificate2? certificate, X509Chain? chain)
    {
        if (chain is null || chain.ChainPolicy.ExtraStore.Count == 0) return;
        X509Certificate2[] sent =
        [
            .. chain.ChainPolicy.ExtraStore.Where(other => !other.RawDataMemory.Span.SequenceEqual(certificate is null ? default : certificate.RawDataMemory.Span))
                .Take(MaxCertificates).Select(other => X509CertificateLoader.LoadCertificate(other.RawDataMemory.Span)),
        ];
        lock (items) items[Key] = sent;
    }

    public static IReadOnlyList<X509Certificate2> Of(IDictionary<object, object?> items)
    {
        lock (items) return items.TryGetValue(Key, out object? sent) ? (X509Certificate2[])sent! : [];
    }
}
