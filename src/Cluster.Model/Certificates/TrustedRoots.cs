using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Model.Objects;

namespace Cluster.Model.Certificates;

/// <summary>The roots that one cluster's members believe at a time, and those that they believed before. Immutable.</summary>
public sealed class TrustedRoots
{
    /// <param name="trustedDer">The root; while it is exchanged for another one, that one too.</param>
    /// <param name="formerDer">They vouch for nothing any more, but who shows a certificate of theirs is told so.</param>
    /// <param name="generation">Counts the changes; see <see cref="ClusterRecord.RootGeneration"/>.</param>
    public TrustedRoots(IEnumerable<ImmutableArray<byte>> trustedDer, IEnumerable<ImmutableArray<byte>> formerDer, ulong generation)
    {
        TrustedDer = [.. trustedDer];
        Invariant.Check(TrustedDer.Length > 0, "no root is trusted");
        Trusted = [.. TrustedDer.Select(Load)];
        Former = [.. formerDer.Select(Load)];
        Generation = generation;
        Digest = DigestOf(TrustedDer);
    }

    public TrustedRoots(X509Certificate2 root)
        : this([ImmutableArray.Create(root.RawDataMemory.Span)], [], generation: 0)
    {
    }

    public ImmutableArray<ImmutableArray<byte>> TrustedDer { get; }

    public ImmutableArray<X509Certificate2> Trusted { get; }

    public ImmutableArray<X509Certificate2> Former { get; }

    public ulong Generation { get; }

    /// <summary>Of <see cref="TrustedDer"/>: who has the same believes the same.</summary>
    public ImmutableArray<byte> Digest { get; }

    public static TrustedRoots Of(ClusterRecord cluster) =>
        new(RootChain.Trusted(cluster), cluster.FormerRoots.Select(root => root.CertificateDer), cluster.RootGeneration);

    /// <summary>SHA-256 over the digests of the roots, in their order.</summary>
    public static ImmutableArray<byte> DigestOf(IEnumerable<ImmutableArray<byte>> trustedDer)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ImmutableArray<byte> root in trustedDer) hash.AppendData(SHA256.HashData(root.AsSpan()));
        return [.. hash.GetHashAndReset()];
    }

    private static X509Certificate2 Load(ImmutableArray<byte> der) => X509CertificateLoader.LoadCertificate(der.AsSpan());
}
