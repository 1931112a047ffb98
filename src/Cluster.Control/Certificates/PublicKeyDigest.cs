using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Cluster.Control.Certificates;

/// <summary>By which a node's row is found from its key.</summary>
public static class PublicKeyDigest
{
    /// <summary>SHA-256 of the SubjectPublicKeyInfo, DER.</summary>
    public static ImmutableArray<byte> Of(ReadOnlySpan<byte> subjectPublicKeyInfoDer) => [.. SHA256.HashData(subjectPublicKeyInfoDer)];
}
