using System.Globalization;
using Cluster.Agent.Runtime;

namespace Cluster.Containers.Spec;

/// <summary>Signal names of Linux.</summary>
internal static class Signals
{
    public const uint Kill = 9, Terminate = 15;

    private const int FirstRealTime = 34, LastRealTime = 64;

    private static readonly string[] Names =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT",
        "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary><c>SIGTERM</c>, <c>TERM</c>, <c>15</c>, <c>SIGRTMIN+3</c>; null or empty is SIGTERM.</summary>
    public static uint Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return Terminate;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= LastRealTime) return (uint)number;
        string name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal)) name = name[3..];
        int index = Array.IndexOf(Names, name);
        if (index >= 0) return (uint)index + 1;
        if (TryRealTime(name, "RTMIN", '+', out int above)) return (uint)(FirstRealTime + above);
        if (TryRealTime(name, "RTMAX", '-', out int below)) return (uint)(LastRealTime - below);
        throw new RuntimeException($"'{text}' is not a signal; such as SIGTERM, TERM or 15", IsTemporary: false);
    }

    private static bool TryRealTime(string name, string prefix, char sign, out int distance)
    {
        distance = 0;
        if (!name.StartsWith(prefix, StringComparison.Ordinal)) return false;
        string rest = name[prefix.Length..];
        if (rest.Length == 0) return true;
        return rest[0] == sign && int.TryParse(rest.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out distance) && distance <= LastRealTime - FirstRealTime;
    }
}
