using System.Globalization;

namespace Cluster.LabTests.Labs;

/// <summary>clusterd or containerd of one host, and the memory that it has in the machine.</summary>
/// <param name="Host">The host.</param>
/// <param name="Program">clusterd or containerd.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="ResidentMegabytes">All that is in memory, with the program's own files.</param>
/// <param name="AnonymousMegabytes">What it allocated: the part that would grow.</param>
internal sealed record HostProcess(string Host, string Program, int ProcessId, int ResidentMegabytes, int AnonymousMegabytes)
{
    private static readonly string[] Programs = ["clusterd", "containerd"];

    /// <summary>The system's processes of a lab's host: those whose arguments name the host's directory of sockets.</summary>
    public static IReadOnlyList<HostProcess> List(string lab, string host) =>
        [.. Directory.GetDirectories("/proc").Where(IsProcess).Select(process => Read(process, host, $"/run/cluster-lab/{lab}/{host}")).OfType<HostProcess>()];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host} {Program} {ResidentMegabytes} ({AnonymousMegabytes})");

    private static bool IsProcess(string path) => Path.GetFileName(path).All(char.IsAsciiDigit);

    private static HostProcess? Read(string process, string host, string runDirectory)
    {
        try
        {
            var arguments = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
            var program = Path.GetFileName(arguments[0]);
            if (!Programs.Contains(program, StringComparer.Ordinal) || !arguments.Any(argument => IsBelow(argument, runDirectory)))
            {
                return null;
            }

            var status = File.ReadAllLines(Path.Combine(process, "status"));
            return new HostProcess(host, program, int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture), Megabytes(status, "VmRSS:"), Megabytes(status, "RssAnon:"));
        }
        catch (IOException)
        {
            return null; // it ended while we looked
        }
    }

    private static bool IsBelow(string argument, string directory) =>
        argument == directory || argument.StartsWith(directory + "/", StringComparison.Ordinal);

    private static int Megabytes(string[] status, string field) =>
        int.Parse(status.First(line => line.StartsWith(field, StringComparison.Ordinal)).AsSpan(field.Length).Trim(" \tkB"), CultureInfo.InvariantCulture) / 1024;
}
