using Cluster.Agent.Runtime;

namespace Cluster.Containers.Logs;

/// <summary>Cuts a stream's bytes into records, a line each; a line that is too long becomes several. Pure.</summary>
internal static class LineSplitter
{
    /// <param name="source">Begins at <paramref name="position"/> of the stream.</param>
    /// <param name="isLast">Nothing will follow: the rest is a line too.</param>
    /// <returns>How much of the source was used, and how much of the target was written.</returns>
    public static (int Used, int Written) Split(
        ReadOnlySpan<byte> source, long position, ContainerStream stream, DateTimeOffset at, bool isLast, Span<byte> target)
    {
        int used = 0, written = 0;
        while (used < source.Length)
        {
            ReadOnlySpan<byte> rest = source[used..];
            int end = rest[..Math.Min(rest.Length, LogRecord.MaxLineBytes + 1)].IndexOf((byte)'\n');
            int length = end >= 0 ? end : rest.Length > LogRecord.MaxLineBytes ? LogRecord.MaxLineBytes : isLast ? rest.Length : -1;
            if (length < 0 || written + LogRecord.SizeOf(length) > target.Length) break;
            used += end >= 0 ? length + 1 : length;
            LogRecord.Write(target[written..], at, stream, position + used, rest[..length]);
            written += LogRecord.SizeOf(length);
        }

        return (used, written);
    }
}
