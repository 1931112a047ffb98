using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Cluster.Model.Objects;

/// <summary>The root certificate (DER) and its key (PKCS#8), which is empty when an external authority signs. Never printed.</summary>
public sealed record RootAuthority(ImmutableArray<byte> CertificateDer, ImmutableArray<byte> KeyPkcs8)
{
    public bool HasKey => !KeyPkcs8.IsDefaultOrEmpty;

    /// <summary>SHA-256 of a root certificate: by which rows and tokens name it.</summary>
    public static ImmutableArray<byte> DigestOf(ImmutableArray<byte> certificateDer) => [.. SHA256.HashData(certificateDer.AsSpan())];

    public bool Equals(RootAuthority? other) =>
        other is not null && CertificateDer.AsSpan().SequenceEqual(other.CertificateDer.AsSpan())
        && KeyPkcs8.AsSpan().SequenceEqual(other.KeyPkcs8.AsSpan());

    public override int GetHashCode() => CertificateDer.IsDefaultOrEmpty ? 0 : CertificateDer.Length;

    public override string ToString() => "***";
}
