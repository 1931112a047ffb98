using System.Globalization;

namespace Cluster.Containers.Logs;

/// <summary>The files of one task's log: what the container wrote and has not been taken over yet, and the segments, by number.</summary>
internal sealed class LogDirectory(string path)
{
    private const string SegmentPrefix = "segment-";

    public string Path { get; } = path;

    public string Stdout => System.IO.Path.Combine(Path, "stdout");

    public string Stderr => System.IO.Path.Combine(Path, "stderr");

    public string Segment(long number) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{SegmentPrefix}{number:d10}"));

    /// <summary>Oldest first; empty when there is no log.</summary>
    public List<long> Segments()
    {
        List<long> numbers = [];
        if (!Directory.Exists(Path)) return numbers;
        foreach (string file in Directory.EnumerateFiles(Path, SegmentPrefix + "*"))
        {
            if (long.TryParse(System.IO.Path.GetFileName(file.AsSpan())[SegmentPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long number)) numbers.Add(number);
        }

        numbers.Sort();
        return numbers;
    }

    /// <summary>The shim opens the files, it does not make them: they must be there before the task is.</summary>
    public void Create()
    {
        const UnixFileMode ownersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Directory.CreateDirectory(Path, ownersOnly | UnixFileMode.UserExecute);
        foreach (string file in (string[])[Stdout, Stderr])
        {
            using FileStream made = new(file, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = ownersOnly });
        }
    }
}
