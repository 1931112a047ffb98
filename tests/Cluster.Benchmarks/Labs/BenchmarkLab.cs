using System.Diagnostics;
using System.Globalization;

namespace Cluster.Benchmarks.Labs;

/// <summary>A cluster of deploy/lab with managers only, and the archive of its image; gone when disposed.</summary>
internal sealed class BenchmarkLab : IAsyncDisposable
{
    private const string Name = "benchmark";

    private BenchmarkLab(string top) => Top = top;

    public static string Socket => SocketOf("m1");

    public string ImageArchive => Directory.GetFiles(Path.Combine(Top, "out", "images"), "web.tar", SearchOption.AllDirectories).Single();

    private string Top { get; }

    public static string SocketOf(string host) => $"/run/cluster-lab/{Name}/{host}/clusterd.sock";

    public static async Task<BenchmarkLab> StartAsync(int managers, CancellationToken ct)
    {
        var lab = new BenchmarkLab(FindTop());
        try
        {
            await lab.RunAsync(["up", "--managers", managers.ToString(CultureInfo.InvariantCulture), "--workers", "0", "--no-service"], ct);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await RunAsync(["down"], CancellationToken.None);

    private static string FindTop()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
            if (File.Exists(Path.Combine(directory, "deploy", "lab"))) return directory;
        throw new InvalidOperationException($"deploy/lab is in no directory above {AppContext.BaseDirectory}: run the benchmark from a clone");
    }

    /// <summary>Runs the script with the lab's name.</summary>
    public async Task RunAsync(string[] arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Path.Combine(Top, "deploy", "lab"), ["--name", Name, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("deploy/lab did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync(ct);
        Task<string> errors = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        await output;
        if (process.ExitCode != 0) throw new InvalidOperationException($"deploy/lab {string.Join(' ', arguments)} failed:\n{await errors}");
    }
}
