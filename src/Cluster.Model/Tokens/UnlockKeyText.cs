using System.Diagnostics.CodeAnalysis;

namespace Cluster.Model.Tokens;

/// <summary>
/// The text form of a cluster's unlock key, as Swarm's (swarmkit manager/encryption): <c>SWMKEY-1-</c> and 32 bytes in base64 without padding.
/// </summary>
public static class UnlockKeyText
{
    public const int Bytes = 32;

    private const string Prefix = "SWMKEY-1-";

    public static string Format(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Bytes, nameof(key));
        return Prefix + Convert.ToBase64String(key).TrimEnd('=');
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out byte[]? key)
    {
        key = null;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        byte[] bytes = new byte[Bytes + 2];
        if (!Convert.TryFromBase64String(text[Prefix.Length..] + "=", bytes, out int written) || written != Bytes) return false;
        key = bytes[..Bytes];
        return true;
    }
}
