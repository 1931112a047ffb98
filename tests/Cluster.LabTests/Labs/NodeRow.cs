namespace Cluster.LabTests.Labs;

/// <summary>A line of <c>cluster node ls</c>.</summary>
internal sealed record NodeRow(string Host, string Status, string ManagerStatus)
{
    public const string Format = "{{.Hostname}}|{{.Status}}|{{.ManagerStatus}}";

    public static NodeRow Parse(string line)
    {
        var fields = line.Split('|');
        return new NodeRow(fields[0], fields[1], fields[2]);
    }
}
