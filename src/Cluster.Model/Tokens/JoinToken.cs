using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using Cluster.Model.Ids;

namespace Cluster.Model.Tokens;

/// <summary>
/// What lets a machine join: the digest of the cluster's root, so that the machine knows whom it talks to, and a secret, so that the
/// cluster knows it may come. Swarm's format: <c>SWMTKN-1-</c>, 50 base-36 digits of the SHA-256 of the root certificate (DER), a dash,
/// 25 base-36 digits of the 128-bit secret. Prints as <c>***</c>.
/// </summary>
public sealed class JoinToken
{
    private const string Prefix = "SWMTKN-1-";
    private const int RootDigits = 50;
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

    private readonly byte[] _rootDigest;
    private readonly UInt128 _secret;

    private JoinToken(byte[] rootDigest, UInt128 secret) => (_rootDigest, _secret) = (rootDigest, secret);

    public UInt128 Secret => _secret;

    public static JoinToken Create(ReadOnlySpan<byte> rootCertificateDer, UInt128 secret) => new(SHA256.HashData(rootCertificateDer), secret);

    public static bool TryParse(string? text, [NotNullWhen(true)] out JoinToken? token)
    {
        token = null;
        text = text?.Trim();
        if (text is null || text.Length != Prefix.Length + RootDigits + 1 + Base36.Digits128) return false;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + RootDigits] != '-') return false;
        if (!TryParseDigest(text.AsSpan(Prefix.Length, RootDigits), out byte[]? digest)) return false;
        if (!Base36.TryParse(text[^Base36.Digits128..], out UInt128 secret)) return false;
        token = new JoinToken(digest, secret);
        return true;
    }

    public bool MatchesRoot(ReadOnlySpan<byte> rootCertificateDer) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(rootCertificateDer), _rootDigest);

    /// <summary>Whether two secrets are equal, in a time that tells nothing about where they differ.</summary>
    public static bool SecretsEqual(UInt128 a, UInt128 b)
    {
        Span<byte> left = stackalloc byte[16];
        Span<byte> right = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(left, a);
        BinaryPrimitives.WriteUInt128BigEndian(right, b);
        return CryptographicOperations.FixedTimeEquals(left, right);
    }

    /// <summary>The token as a user copies it.</summary>
    public string Reveal()
    {
        BigInteger digest = new(_rootDigest, isUnsigned: true, isBigEndian: true);
        Span<char> digits = stackalloc char[RootDigits];
        for (int i = RootDigits - 1; i >= 0; i--)
        {
            digest = BigInteger.DivRem(digest, 36, out BigInteger digit);
            digits[i] = Alphabet[(int)digit];
        }

        return $"{Prefix}{digits}-{Base36.Format(_secret)}";
    }

    public override string ToString() => "***";

    private static bool TryParseDigest(ReadOnlySpan<char> digits, [NotNullWhen(true)] out byte[]? digest)
    {
        digest = null;
        BigInteger value = BigInteger.Zero;
        foreach (char c in digits)
        {
            int digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0) return false;
            value = value * 36 + digit;
        }

        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        if (bytes.Length > SHA256.HashSizeInBytes) return false;
        digest = new byte[SHA256.HashSizeInBytes];
        bytes.CopyTo(digest, digest.Length - bytes.Length);
        return true;
    }
}
