using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using Cluster.Model.Ids;

namespace Cluster.Model.Tokens;

/// <summary>
/// A join token in Swarm's format, <c>SWMTKN-1-</c>, the SHA-256 of the root certificate's DER in 50 base-36 digits, a hyphen and a
/// secret of 128 bits in 25: with the first half a new node knows the cluster, with the second the cluster knows the node's right
/// to join. Prints <c>***</c>; only <see cref="Reveal"/> gives the text.
/// </summary>
public sealed class JoinToken : IEquatable<JoinToken>
{
    /// <summary>What the holder of such a token is told, by the manager and by its own node.</summary>
    public const string OfFormerRoot =
        "the join token is from before the cluster's root certificate was exchanged: ask a manager for the present one, cluster node join-token";

    private const string Prefix = "SWMTKN-1-";
    private const int DigestDigits = 50;
    private const int DigestBytes = 32;

    private JoinToken(ImmutableArray<byte> rootDigest, UInt128 secret) => (RootDigest, Secret) = (rootDigest, secret);

    /// <summary>SHA-256 of the root certificate's DER.</summary>
    public ImmutableArray<byte> RootDigest { get; }

    public UInt128 Secret { get; }

    public static JoinToken Create(ReadOnlySpan<byte> rootCertificateDer, UInt128 secret) => new([.. SHA256.HashData(rootCertificateDer)], secret);

    public static Result<JoinToken> Parse(string? text) =>
        TryParse(text, out JoinToken? token)
            ? token
            : Refusal.Invalid("this is not a join token: it starts with SWMTKN-1- and has 50 and 25 characters of 0-9 and a-z; get one with 'cluster node join-token worker' on a manager");

    public static bool TryParse(string? text, [NotNullWhen(true)] out JoinToken? token)
    {
        token = null;
        text = text?.Trim();
        if (text is null || text.Length != Prefix.Length + DigestDigits + 1 + Base36.Digits128) return false;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + DigestDigits] != '-') return false;
        if (!TryParseDigest(text.AsSpan(Prefix.Length, DigestDigits), out ImmutableArray<byte> digest)) return false;
        if (!Base36.TryParse(text[(Prefix.Length + DigestDigits + 1)..], out UInt128 secret)) return false;
        token = new JoinToken(digest, secret);
        return true;
    }

    /// <summary>Whether this is the root certificate that the token names.</summary>
    public bool MatchesRoot(ReadOnlySpan<byte> rootCertificateDer) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(rootCertificateDer), RootDigest.AsSpan());

    public bool HasSecret(UInt128 secret) => SecretsEqual(Secret, secret);

    /// <summary>Whether two secrets are equal, in a time that tells nothing about where they differ.</summary>
    public static bool SecretsEqual(UInt128 a, UInt128 b)
    {
        Span<byte> left = stackalloc byte[16];
        Span<byte> right = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(left, a);
        BinaryPrimitives.WriteUInt128BigEndian(right, b);
        return CryptographicOperations.FixedTimeEquals(left, right);
    }

    /// <summary>The token itself: for whoever asked for it, and for the call that joins. Never for a log.</summary>
    public string Reveal() => $"{Prefix}{FormatDigest()}-{Base36.Format(Secret)}";

    public bool Equals(JoinToken? other) =>
        other is not null && HasSecret(other.Secret) && CryptographicOperations.FixedTimeEquals(RootDigest.AsSpan(), other.RootDigest.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as JoinToken);

    public override int GetHashCode() => BinaryPrimitives.ReadInt32BigEndian(RootDigest.AsSpan());

    public override string ToString() => "***";

    private string FormatDigest()
    {
        BigInteger value = new(RootDigest.AsSpan(), isUnsigned: true, isBigEndian: true);
        char[] digits = new char[DigestDigits];
        for (int i = DigestDigits - 1; i >= 0; i--)
        {
            value = BigInteger.DivRem(value, 36, out BigInteger digit);
            int d = (int)digit;
            digits[i] = (char)(d < 10 ? '0' + d : 'a' + d - 10);
        }

        return new string(digits);
    }

    private static bool TryParseDigest(ReadOnlySpan<char> text, out ImmutableArray<byte> digest)
    {
        digest = [];
        BigInteger value = BigInteger.Zero;
        foreach (char c in text)
        {
            int digit = c switch { >= '0' and <= '9' => c - '0', >= 'a' and <= 'z' => c - 'a' + 10, _ => -1 };
            if (digit < 0) return false;
            value = value * 36 + digit;
        }

        int length = value.GetByteCount(isUnsigned: true);
        if (length > DigestBytes) return false;
        byte[] bytes = new byte[DigestBytes];
        value.TryWriteBytes(bytes.AsSpan(DigestBytes - length), out _, isUnsigned: true, isBigEndian: true);
        digest = [.. bytes];
        return true;
    }
}
