namespace Cluster.Cli.Output;

/// <summary>Columns as Docker aligns them: at least 10 wide, 3 spaces between, the last one not padded.</summary>
internal static class TextTable
{
    private const int MinWidth = 10;
    private const int Padding = 3;

    /// <param name="lines">Cells separated by tabs.</param>
    public static IEnumerable<string> Align(IEnumerable<string> lines)
    {
        List<string[]> rows = [.. lines.Select(line => line.Split('\t'))];
        int columns = rows.Count == 0 ? 0 : rows.Max(row => row.Length);
        int[] widths = new int[columns];
        foreach (string[] row in rows)
            for (int i = 0; i < row.Length - 1; i++) widths[i] = Math.Max(widths[i], Math.Max(MinWidth, row[i].Length + Padding));
        return rows.Select(row => string.Concat(row.Select((cell, i) => i == row.Length - 1 ? cell : cell.PadRight(widths[i]))).TrimEnd());
    }
}
