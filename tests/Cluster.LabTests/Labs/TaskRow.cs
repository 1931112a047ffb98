namespace Cluster.LabTests.Labs;

/// <summary>A line of <c>cluster service ps</c>; the states without "… seconds ago".</summary>
internal sealed record TaskRow(string Id, string Name, string Host, string DesiredState, string State)
{
    public const string Format = "{{.ID}}|{{.Name}}|{{.Node}}|{{.DesiredState}}|{{.CurrentState}}";

    public bool IsRunning => DesiredState == "Running" && State == "Running";

    public static TaskRow Parse(string line)
    {
        var fields = line.Split('|');
        return new TaskRow(fields[0], fields[1], fields[2], fields[3], fields[4].Split(' ')[0]);
    }
}
