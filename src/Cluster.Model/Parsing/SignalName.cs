using System.Globalization;

namespace Cluster.Model.Parsing;

/// <summary>Linux signals by name (<c>SIGTERM</c>, <c>term</c>) or number.</summary>
public static class SignalName
{
    private const int HighestSignal = 64;
    private const int FirstRealTime = 34;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The signal's number on Linux, or null.</summary>
    public static int? NumberOf(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return number is >= 1 and <= HighestSignal ? number : null;
        string name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal)) name = name[3..];
        int index = Array.IndexOf(Names, name);
        if (index > 0) return index;
        return name switch
        {
            "IOT" => 6,
            "CLD" => 17,
            "POLL" => 29,
            "RTMIN" => FirstRealTime,
            "RTMAX" => HighestSignal,
            _ when Offset(name, "RTMIN+") is { } up && up <= 30 => FirstRealTime + up,
            _ when Offset(name, "RTMAX-") is { } down && down <= 30 => HighestSignal - down,
            _ => null,
        };
    }

    private static int? Offset(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int offset)
            ? offset : null;
}
