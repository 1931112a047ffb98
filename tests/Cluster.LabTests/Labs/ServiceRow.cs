using System.Globalization;

namespace Cluster.LabTests.Labs;

/// <summary>A line of <c>cluster service ls</c>.</summary>
internal sealed record ServiceRow(string Name, int Running, int Replicas)
{
    public const string Format = "{{.Name}}|{{.Replicas}}";

    public static ServiceRow Parse(string line)
    {
        var fields = line.Split('|', '/');
        return new ServiceRow(fields[0], Number(fields[1]), Number(fields[2]));
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
