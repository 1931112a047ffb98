using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Cluster.Containers.Images;

/// <summary>Digests in the form <c>sha256:hex</c>, the only algorithm in use.</summary>
internal static class BlobDigest
{
    public const string Prefix = "sha256:";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static bool IsValid(string digest) =>
        digest.StartsWith(Prefix, StringComparison.Ordinal) && digest.Length == Prefix.Length + 64
        && digest.AsSpan(Prefix.Length).IndexOfAnyExcept(HexDigits) < 0;

    public static string Of(ReadOnlySpan<byte> bytes) => Prefix + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The name under which the result of these layers is kept: the OCI image specification's chain ids, bottom first.</summary>
    public static IReadOnlyList<string> ChainIds(IReadOnlyList<string> diffIds)
    {
        List<string> chain = [];
        foreach (string diffId in diffIds) chain.Add(chain.Count == 0 ? diffId : Of(Encoding.UTF8.GetBytes($"{chain[^1]} {diffId}")));
        return chain;
    }
}
