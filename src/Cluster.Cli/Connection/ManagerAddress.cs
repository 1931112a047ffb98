namespace Cluster.Cli.Connection;

/// <summary>Addresses of managers, as users write them.</summary>
internal static class ManagerAddress
{
    private const string DefaultPort = "2377";

    /// <summary>host, host:port, IPv6 with or without brackets; gives host:port.</summary>
    public static string WithPort(string address)
    {
        bool isBareV6 = address.Count(c => c == ':') > 1 && !address.StartsWith('[');
        if (isBareV6) return $"[{address}]:{DefaultPort}";
        bool hasPort = address.LastIndexOf(':') > address.LastIndexOf(']');
        return hasPort ? address : $"{address}:{DefaultPort}";
    }
}
