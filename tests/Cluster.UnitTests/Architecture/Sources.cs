namespace Cluster.UnitTests.Architecture;

/// <summary>The repository's files, found from where the tests were built.</summary>
internal static class Sources
{
    public static readonly string Root = FindRoot();

    /// <summary>Names of the projects in src, such as <c>Cluster.Model</c>.</summary>
    public static IReadOnlyList<string> Projects { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "src")).Where(d => Directory.GetFiles(d, "*.csproj").Length > 0).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    /// <summary>Paths from the root of hand-written files below a directory.</summary>
    public static IEnumerable<string> Files(string directory, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, directory), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Order(StringComparer.Ordinal);

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>The project that a file of src belongs to.</summary>
    public static string ProjectOf(string file) => file.Split(Path.DirectorySeparatorChar)[1];

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Cluster.sln"))) directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException($"Cluster.sln is in no directory above {AppContext.BaseDirectory}: run the tests from a clone");
    }
}
