using Cluster.Model.Parsing;
using Xunit;

namespace Cluster.UnitTests.Model.Parsing;

public sealed class NumberSyntaxTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("10s", 10_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("2160h0m0s", 7_776_000_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("100ms", 100)]
    [InlineData(".5s", 500)]
    [InlineData("1000us", 1)]
    public void Reads_durations_as_go_does(string text, long milliseconds) => Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), GoDuration.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("s")]
    [InlineData("1.2.3s")]
    [InlineData("5x")]
    [InlineData("9999999999999999h")]
    [InlineData("99999999999999999999999999999999h")]
    public void Refuses_what_is_no_duration(string text) => Assert.False(GoDuration.Parse(text).IsOk);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(10_000, "10s")]
    [InlineData(90_000, "1m30s")]
    [InlineData(7_776_000_000, "2160h0m0s")]
    [InlineData(1_500, "1.5s")]
    [InlineData(100, "100ms")]
    [InlineData(60_000, "1m0s")]
    public void Prints_durations_as_go_does(long milliseconds, string text)
    {
        Assert.Equal(text, GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), GoDuration.Parse(text).Value);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1048576", 1 << 20)]
    [InlineData("64m", 64L << 20)]
    [InlineData("64MB", 64L << 20)]
    [InlineData("64MiB", 64L << 20)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("100b", 100)]
    [InlineData("2 GiB", 2L << 30)]
    public void Reads_sizes_in_powers_of_1024(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("-1m")]
    [InlineData("1x")]
    [InlineData("1mm")]
    [InlineData("bib")]
    [InlineData("1bb")]
    [InlineData("99999999999p")]
    public void Refuses_what_is_no_size(string text) => Assert.False(ByteSize.Parse(text).IsOk);

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(64L << 20, "64MiB")]
    [InlineData(3L << 29, "1.5GiB")]
    public void Prints_sizes(long bytes, string text) => Assert.Equal(text, ByteSize.Format(bytes));

    [Theory]
    [InlineData("0.5", 500_000_000)]
    [InlineData("2", 2_000_000_000)]
    [InlineData("0.000000001", 1)]
    public void Reads_cpus_in_billionths(string text, long nanos)
    {
        Assert.Equal(nanos, CpuCount.Parse(text).Value);
        Assert.Equal(text, CpuCount.Format(nanos));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("half")]
    [InlineData("0.0000000001")]
    [InlineData("99999999999999999")]
    public void Refuses_what_is_no_number_of_cpus(string text) => Assert.False(CpuCount.Parse(text).IsOk);
}
