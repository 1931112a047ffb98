using System.Diagnostics;
using System.Text;

namespace Cluster.Simulation.PlantedBugs;

/// <summary>
/// A copy of the built product, in which one project at a time is patched and built again beside the simulator's own assemblies. Only
/// that project is compiled: the patches change no public surface.
/// </summary>
public sealed class PlantedBugWorkshop : IDisposable
{
    private static readonly string[] Projects = ["Cluster.Model", "Cluster.Rpc", "Cluster.Api", "Cluster.Raft", "Cluster.Store", "Cluster.Control", "Cluster.Agent"];
    private static readonly string[] RootFiles = ["Directory.Build.props", "Directory.Packages.props", "global.json", "BannedSymbols.txt", ".editorconfig"];

    private readonly string _simulator = AppContext.BaseDirectory;
    private readonly string _copy = Directory.CreateTempSubdirectory("cluster-planted-").FullName;
    private bool _isReady;

    /// <summary>The top of the source tree.</summary>
    public static string Repository
    {
        get
        {
            DirectoryInfo? directory = new(AppContext.BaseDirectory);
            while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Cluster.sln"))) directory = directory.Parent;
            return directory?.FullName ?? throw new InvalidOperationException("the tests do not run inside the source tree");
        }
    }

    /// <summary>Such as bin/Release/net10.0.</summary>
    private string Output => Path.GetRelativePath(Path.Combine(Repository, "tests/Cluster.Simulation"), _simulator).TrimEnd('/');

    private string Configuration => Output.Split('/')[1];

    /// <summary>Whether a patch fits the sources as they are; empty when it does.</summary>
    internal static string Try(PlantedBug bug) => Run(Repository, "git", "apply", "--check", bug.File) is (0, _) ? "" : $"{bug.Name} does not apply any more: bring the patch up to date";

    /// <summary>What the simulator says of the product with the bug.</summary>
    internal (int ExitCode, string Output) Hunt(PlantedBug bug, ulong firstSeed, int seeds)
    {
        Prepare();
        Require("git", "apply", bug.File);
        string assembly = $"{bug.Project}.dll";
        try
        {
            Require(
                DotnetHost.Path, "build", $"src/{bug.Project}", "-c", Configuration, "--no-restore", "-v", "q", "-nologo", "-clp:NoSummary",
                "-p:BuildProjectReferences=false", "-p:RunAnalyzers=false", "-nodeReuse:false");
            File.Copy(Path.Combine(_copy, "src", bug.Project, Output, assembly), Path.Combine(_copy, "simulator", assembly), overwrite: true);
            return Run(_copy, DotnetHost.Path, "exec", "simulator/Cluster.Simulation.dll", "--hunt", $"{bug.Breach}", $"{firstSeed}", $"{seeds}");
        }
        finally
        {
            Require("git", "apply", "-R", bug.File);
            File.Copy(Path.Combine(_simulator, assembly), Path.Combine(_copy, "simulator", assembly), overwrite: true);
        }
    }

    public void Dispose() => Directory.Delete(_copy, recursive: true);

    private void Prepare()
    {
        if (_isReady) return;
        foreach (string file in RootFiles) File.Copy(Path.Combine(Repository, file), Path.Combine(_copy, file));
        CopyTree(Path.Combine(Repository, "proto"), Path.Combine(_copy, "proto"));
        foreach (string project in Projects) CopyTree(Path.Combine(Repository, "src", project), Path.Combine(_copy, "src", project));
        CopyTree(_simulator, Path.Combine(_copy, "simulator"));
        _isReady = true;
    }

    /// <summary>With times, so that nothing is built that need not be; without what was built for other configurations.</summary>
    private void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            string copy = Path.Combine(to, Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetLastWriteTimeUtc(copy, File.GetLastWriteTimeUtc(file));
        }

        foreach (string directory in Directory.GetDirectories(from))
        {
            string name = Path.GetFileName(directory);
            bool isOther = Path.GetFileName(from) is "bin" or "obj" && name is "Debug" or "Release" && name != Configuration;
            if (!isOther) CopyTree(directory, Path.Combine(to, name));
        }
    }

    private void Require(string program, params string[] arguments)
    {
        (int exitCode, string output) = Run(_copy, program, arguments);
        if (exitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}");
    }

    private static (int ExitCode, string Output) Run(string directory, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        StringBuilder errors = new();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors);
    }
}
