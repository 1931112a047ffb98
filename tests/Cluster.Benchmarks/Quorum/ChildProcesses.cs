using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cluster.Benchmarks.Quorum;

/// <summary>The processes of one group; killed when it is disposed.</summary>
internal sealed class ChildProcesses : IDisposable
{
    private readonly List<Process> _processes = [];

    public static int[] FreePorts(int count)
    {
        TcpListener[] probes = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener probe in probes) probe.Start();
        int[] ports = [.. probes.Select(probe => ((IPEndPoint)probe.LocalEndpoint).Port)];
        foreach (TcpListener probe in probes) probe.Dispose();
        return ports;
    }

    public Process Start(string file, params IEnumerable<string> arguments)
    {
        Process process = new()
        {
            StartInfo = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.ErrorDataReceived += (_, _) => { };
        process.Start();
        process.BeginErrorReadLine();
        _processes.Add(process);
        return process;
    }

    /// <summary>Processor time and voluntary context switches of all processes so far: what the disk's and the machine's mood do not change.</summary>
    public (TimeSpan Processor, long Switches) Cost()
    {
        (TimeSpan processor, long switches) = (TimeSpan.Zero, 0);
        foreach (Process process in _processes)
        {
            process.Refresh();
            processor += process.TotalProcessorTime;
            foreach (string thread in Directory.GetDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/task")))
            {
                string? line = File.ReadLines(Path.Combine(thread, "status")).FirstOrDefault(l => l.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal));
                if (line is not null) switches += long.Parse(line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
            }
        }

        return (processor, switches);
    }

    /// <summary>With SIGKILL, all before any is waited for.</summary>
    public void KillAll()
    {
        foreach (Process process in _processes) process.Kill();
        foreach (Process process in _processes)
        {
            process.WaitForExit();
            process.Dispose();
        }

        _processes.Clear();
    }

    public void Dispose() => KillAll();
}
