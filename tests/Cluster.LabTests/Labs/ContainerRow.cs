using System.Globalization;

namespace Cluster.LabTests.Labs;

/// <summary>A line of <c>ctr tasks list</c>: a container as containerd and the kernel have it.</summary>
internal sealed record ContainerRow(string Host, string Id, int ProcessId, string State)
{
    public static ContainerRow Parse(string host, string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new ContainerRow(host, fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture), fields[2]);
    }
}
