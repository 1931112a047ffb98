using System.Diagnostics.CodeAnalysis;
using Grpc.Core;

namespace Cluster.Rpc.Wire;

/// <summary>Metadata to and from header values: "-bin" values are base64, sent without padding, accepted with or without it and comma-joined.</summary>
internal static class MetadataCodec
{
    public static string Encode(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes).TrimEnd('=') : entry.Value;

    /// <summary>True for headers that belong to the protocol: they are neither sent from metadata nor shown in it.</summary>
    public static bool IsReserved(string key) =>
        key.StartsWith(':')
        || key.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
        || key.ToLowerInvariant() is WireHeaders.ContentType or WireHeaders.Te or "host" or "content-length" or "connection" or "transfer-encoding"
            or "accept-encoding";

    /// <summary>Adds a received header. What metadata cannot hold (another implementation's odd value) is left out: it must not fail the call.</summary>
    public static void Decode(Metadata metadata, string key, string value)
    {
        if (IsReserved(key)) return;
        if (!key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            if (TryMakeText(key, value, out Metadata.Entry? entry)) metadata.Add(entry);
            return;
        }
        foreach (string part in value.Split(',', StringSplitOptions.TrimEntries))
            if (TryMakeBinary(key, part, out Metadata.Entry? entry)) metadata.Add(entry);
    }

    private static bool TryMakeText(string key, string value, [NotNullWhen(true)] out Metadata.Entry? entry)
    {
        try
        {
            entry = new Metadata.Entry(key, value);
            return true;
        }
        catch (ArgumentException)
        {
            entry = null;
            return false;
        }
    }

    private static bool TryMakeBinary(string key, string base64, [NotNullWhen(true)] out Metadata.Entry? entry)
    {
        try
        {
            string padded = base64.PadRight((base64.Length + 3) / 4 * 4, '=');
            entry = new Metadata.Entry(key, Convert.FromBase64String(padded));
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            entry = null;
            return false;
        }
    }
}
