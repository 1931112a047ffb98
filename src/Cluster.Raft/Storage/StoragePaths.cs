using System.Globalization;

namespace Cluster.Raft.Storage;

/// <summary>The names in a storage's directory.</summary>
internal sealed class StoragePaths(string directory)
{
    public const string Unfinished = ".tmp";

    public string Directory => directory;

    public string Lock => Path.Combine(directory, "lock");

    public string Segment(ulong number) => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"log-{number:x16}.seg"));

    public string Snapshot(LogPosition position) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"snap-{position.Index:x16}-{position.Term:x16}.snap"));

    /// <summary>In order of number.</summary>
    public IReadOnlyList<(ulong Number, string Path)> Segments() =>
    [
        .. System.IO.Directory.EnumerateFiles(directory, "log-*.seg")
            .Select(path => (Number: Parse(Path.GetFileName(path).AsSpan(4, 16)), path))
            .OrderBy(s => s.Number),
    ];

    public IReadOnlyList<(LogPosition Position, string Path)> Snapshots() =>
    [
        .. System.IO.Directory.EnumerateFiles(directory, "snap-*.snap")
            .Select(path => (Path.GetFileName(path), path))
            .Where(f => f.Item1.Length == "snap-0123456789abcdef-0123456789abcdef.snap".Length)
            .Select(f => (new LogPosition(Parse(f.Item1.AsSpan(5, 16)), Parse(f.Item1.AsSpan(22, 16))), f.path))
            .OrderBy(s => s.Item1.Index)
            .ThenBy(s => s.Item1.Term),
    ];

    /// <summary>All that is sealed, finished or not.</summary>
    public IEnumerable<string> AllFiles() => System.IO.Directory.EnumerateFiles(directory, "log-*").Concat(System.IO.Directory.EnumerateFiles(directory, "snap-*"));

    public IReadOnlyList<string> UnfinishedFiles() =>
        [.. System.IO.Directory.EnumerateFiles(directory, "*" + Unfinished).Order(StringComparer.Ordinal)];

    private static ulong Parse(ReadOnlySpan<char> hex) => ulong.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
