using System.Globalization;

namespace Cluster.Rpc;

/// <summary>Where a server is: a TCP host and port, or the path of a unix socket.</summary>
public sealed record RpcAddress
{
    private const string UnixPrefix = "unix://";

    private RpcAddress(string host, int port, string? unixPath)
    {
        Host = host;
        Port = port;
        UnixPath = unixPath;
    }

    /// <summary>Name or IP address; "localhost" for a unix socket.</summary>
    public string Host { get; }

    /// <summary>0 for a unix socket.</summary>
    public int Port { get; }

    public string? UnixPath { get; }

    public static RpcAddress Tcp(string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        return new RpcAddress(host.Trim('[', ']'), port, unixPath: null);
    }

    public static RpcAddress Unix(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new RpcAddress("localhost", port: 0, path);
    }

    /// <summary>Reads "host:port", "[ipv6]:port" or "unix:///path".</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static RpcAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal) && text.Length > UnixPrefix.Length) return Unix(text[UnixPrefix.Length..]);
        int colon = text.LastIndexOf(':');
        bool isBracketed = text.StartsWith('[') && colon > 0 && text[colon - 1] == ']';
        bool isPlain = colon > 0 && text.IndexOf(':', StringComparison.Ordinal) == colon;
        if ((isBracketed || isPlain)
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > 0 and <= ushort.MaxValue)
        {
            return Tcp(text[..colon], port);
        }
        throw new FormatException($"'{text}' is no address: write host:port, [ipv6]:port or unix:///path.");
    }

    public override string ToString() =>
        UnixPath is not null ? UnixPrefix + UnixPath : string.Create(CultureInfo.InvariantCulture, $"{BracketedHost}:{Port}");

    /// <summary>What calls carry as their authority. TLS, where used, is below HTTP (see <see cref="Client.Connector"/>), hence always http.</summary>
    internal Uri BaseUri => UnixPath is not null ? new Uri("http://localhost/") : new Uri($"http://{this}/");

    private string BracketedHost => Host.Contains(':') ? $"[{Host}]" : Host;
}
