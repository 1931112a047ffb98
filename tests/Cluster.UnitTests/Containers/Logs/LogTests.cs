using System.Text;
using Cluster.Agent.Runtime;
using Cluster.Containers.Logs;
using Xunit;

namespace Cluster.UnitTests.Containers.Logs;

public sealed class LogTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly TemporaryDirectory _temporary = new();
    private readonly LogDirectory _files;

    public LogTests() => _files = new LogDirectory(_temporary.File("task"));

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Stores_whole_lines_and_waits_for_the_rest_of_one()
    {
        using LogTail tail = Tail();
        Write("one\ntwo\nthr");
        tail.Pump(Start, isLast: false);
        Assert.Equal(["one", "two"], await LinesAsync(LogQuery.All));
        Write("ee\nfour");
        tail.Pump(Start, isLast: false);
        Assert.Equal(["one", "two", "three"], await LinesAsync(LogQuery.All));
        tail.Pump(Start, isLast: true);
        Assert.Equal(["one", "two", "three", "four"], await LinesAsync(LogQuery.All));
        Assert.True(tail.IsEnded);
    }

    [Fact]
    public async Task Splits_a_line_that_is_too_long()
    {
        using LogTail tail = Tail();
        Write(new string('x', LogRecord.MaxLineBytes + 10) + "\n" + new string('y', LogRecord.MaxLineBytes) + "\n");
        tail.Pump(Start, isLast: false);
        Assert.Equal([LogRecord.MaxLineBytes, 10, LogRecord.MaxLineBytes], (await LinesAsync(LogQuery.All)).Select(line => line.Length));
    }

    [Fact]
    public async Task Neither_loses_nor_repeats_a_line_over_a_restart()
    {
        using (LogTail tail = Tail())
        {
            Write("a\nb\npart");
            tail.Pump(Start, isLast: false);
        }

        Write("ial\nc\n");
        using (LogTail tail = Tail()) tail.Pump(Start.AddSeconds(1), isLast: false);
        using (LogTail tail = Tail()) tail.Pump(Start.AddSeconds(2), isLast: true);
        Assert.Equal(["a", "b", "partial", "c"], await LinesAsync(LogQuery.All));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(26)]
    public async Task Takes_a_line_again_whose_record_was_torn(int cut)
    {
        using (LogTail tail = Tail())
        {
            Write("first\nsecond\n");
            tail.Pump(Start, isLast: false);
        }

        using (FileStream segment = new(_files.Segment(1), FileMode.Open)) segment.SetLength(segment.Length - cut);
        using (LogTail tail = Tail()) tail.Pump(Start, isLast: false);
        Assert.Equal(["first", "second"], await LinesAsync(LogQuery.All));
    }

    [Fact]
    public async Task Keeps_the_newest_segments_within_the_limit_and_the_position_of_a_quiet_stream()
    {
        LogPolicy policy = new(4096, 3 * 4096);
        using (LogTail tail = Tail(policy))
        {
            Write("quiet\n", stderr: true);
            tail.Pump(Start, isLast: false);
            for (int i = 0; i < 1000; i++)
            {
                Write($"line {i:d4} of the log\n");
                tail.Pump(Start, isLast: false);
            }
        }

        Assert.True(_files.Segments().Sum(number => new FileInfo(_files.Segment(number)).Length) <= policy.TotalBytes);
        using (LogTail tail = Tail(policy)) tail.Pump(Start, isLast: true);
        List<string> lines = await LinesAsync(LogQuery.All);
        Assert.Equal("line 0999 of the log", lines[^1]);
        Assert.DoesNotContain("quiet", lines); // dropped with its segment, and not taken over a second time
        Assert.Equal(lines.Count, lines.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(250)]
    [InlineData(5000)]
    public async Task Gives_the_last_lines(int tailLines)
    {
        using LogTail tail = Tail(new LogPolicy(4096, 1 << 20));
        for (int i = 0; i < 1000; i++)
        {
            Write($"line {i}\n");
            if (i % 10 == 0) tail.Pump(Start, isLast: false);
        }

        tail.Pump(Start, isLast: true);
        Assert.True(_files.Segments().Count > 3);
        Assert.Equal(Enumerable.Range(0, 1000).TakeLast(tailLines).Select(i => $"line {i}"), await LinesAsync(new LogQuery(false, tailLines, null)));
    }

    [Fact]
    public async Task Gives_lines_since_a_time_with_their_stream()
    {
        using LogTail tail = Tail();
        Write("old\n");
        tail.Pump(Start, isLast: false);
        Write("new\n", stderr: true);
        tail.Pump(Start.AddMinutes(1), isLast: false);
        List<ContainerLogLine> lines = [];
        await foreach (ContainerLogLine line in new LogReader(_files, () => null).ReadAsync(new LogQuery(false, -1, Start.AddSeconds(1)), default)) lines.Add(line);
        ContainerLogLine only = Assert.Single(lines);
        Assert.Equal((Start.AddMinutes(1), ContainerStream.Stderr, "new"), (only.At, only.Stream, Encoding.UTF8.GetString(only.Data.Span)));
    }

    [Fact]
    public async Task Follows_over_segments_until_the_end()
    {
        using LogTail tail = Tail(new LogPolicy(4096, 1 << 20));
        IAsyncEnumerator<ContainerLogLine> reader = new LogReader(_files, () => tail).ReadAsync(new LogQuery(true, -1, null), default).GetAsyncEnumerator();
        for (int i = 0; i < 500; i++)
        {
            ValueTask<bool> next = reader.MoveNextAsync();
            Write($"followed line {i}\n");
            tail.Pump(Start, isLast: false);
            Assert.True(await next);
            Assert.Equal($"followed line {i}", Encoding.UTF8.GetString(reader.Current.Data.Span));
        }

        ValueTask<bool> end = reader.MoveNextAsync();
        Write("rest");
        while (tail.Pump(Start, isLast: true)) { }
        Assert.True(await end);
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task Frees_the_blocks_of_what_was_taken_over()
    {
        using LogTail tail = Tail(new LogPolicy(8 << 20, 16 << 20));
        for (int i = 0; i < 20; i++) Write(new string('z', 99_999) + "\n");
        while (tail.Pump(Start, isLast: false)) { }
        Assert.Equal(2_000_000, new FileInfo(_files.Stdout).Length);
        Assert.Equal(0, (await File.ReadAllBytesAsync(_files.Stdout))[1_000_000]);
        Assert.Equal(2_000_000 - 20, (await LinesAsync(LogQuery.All)).Sum(line => line.Length));
    }

    [Fact]
    public void A_damaged_record_is_no_record()
    {
        byte[] record = new byte[LogRecord.SizeOf(5)];
        LogRecord.Write(record, Start, ContainerStream.Stderr, 42, "hello"u8);
        Assert.True(LogRecord.TryRead(record, out LogEntry entry));
        Assert.Equal(new LogEntry(Start, ContainerStream.Stderr, 42, 5), entry);
        for (int i = 0; i < record.Length; i++)
        {
            record[i] ^= 0x10;
            Assert.False(LogRecord.TryRead(record, out _));
            record[i] ^= 0x10;
        }
    }

    private LogTail Tail(LogPolicy? policy = null) => new(_files, policy ?? LogPolicy.Default);

    private void Write(string text, bool stderr = false)
    {
        using FileStream file = new(stderr ? _files.Stderr : _files.Stdout, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private async Task<List<string>> LinesAsync(LogQuery query)
    {
        List<string> lines = [];
        await foreach (ContainerLogLine line in new LogReader(_files, () => null).ReadAsync(query, default)) lines.Add(Encoding.UTF8.GetString(line.Data.Span));
        return lines;
    }
}
