using System.Globalization;
using System.Text;

namespace Cluster.Rpc.Wire;

/// <summary>The grpc-message header: UTF-8, percent-encoded outside printable ASCII. Decoding never fails; what is no escape stays as it is.</summary>
internal static class StatusMessageCodec
{
    /// <summary>Longest text that is sent, in characters: headers have a limit of their own, and exceeding it would lose the status too.</summary>
    public const int MaxLength = 1024;

    public static string Encode(string message)
    {
        if (message.Length > MaxLength) message = message[..MaxLength];
        bool isPlain = true;
        foreach (char c in message)
        {
            if (IsPlain(c)) continue;
            isPlain = false;
            break;
        }
        if (isPlain) return message;

        var text = new StringBuilder(message.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(message))
        {
            if (IsPlain((char)b)) text.Append((char)b);
            else text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }

    public static string Decode(string encoded)
    {
        if (!encoded.Contains('%')) return encoded;
        byte[] source = Encoding.UTF8.GetBytes(encoded);
        var bytes = new byte[source.Length];
        int length = 0;
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length
                && byte.TryParse(source.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                bytes[length++] = value;
                i += 2;
            }
            else
            {
                bytes[length++] = source[i];
            }
        }
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static bool IsPlain(char c) => c is >= ' ' and <= '~' and not '%';
}
