using System.Globalization;
using Cluster.Model.Specs;

namespace Cluster.Model.Parsing;

/// <summary>The values of <c>--ulimit</c>: <c>nofile=1024:2048</c>, <c>core=0</c>, <c>memlock=-1</c> (unlimited).</summary>
public static class UlimitSyntax
{
    public static Result<Ulimit> Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string[] limits = equals > 0 ? text[(equals + 1)..].Split(':') : [];
        if (limits.Length is 0 or > 2 || !TryParseLimit(limits[0], out long soft) || !TryParseLimit(limits[^1], out long hard))
            return Refusal.Invalid($"'{text}' is not a ulimit: write name=soft[:hard], such as nofile=1024:2048 (-1 is unlimited)");
        return new Ulimit(text[..equals].Trim().ToLowerInvariant(), soft, hard);
    }

    private static bool TryParseLimit(string text, out long limit)
    {
        limit = -1;
        return text is "unlimited" || (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out limit) && limit >= -1);
    }
}
