using Cluster.Rpc.Wire;
using Xunit;

namespace Cluster.UnitTests.Rpc.Wire;

public sealed class TimeoutCodecTests
{
    [Theory]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("4m", 40_000)]
    [InlineData("5u", 50)]
    [InlineData("1n", 1)]
    [InlineData("600n", 6)]
    [InlineData("99999999H", 3_599_999_964_000_000_000)]
    public void Reads_every_unit(string text, long ticks)
    {
        Assert.True(TimeoutCodec.TryParse(text, out TimeSpan timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("10")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData("1.5S")]
    [InlineData(" 1S")]
    [InlineData("1s")]
    [InlineData("123456789S")]
    public void Refuses_what_the_protocol_does_not_know(string text) => Assert.False(TimeoutCodec.TryParse(text, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(12_345_678)]
    [InlineData(999_999_991)]
    [InlineData(TimeSpan.TicksPerDay)]
    [InlineData(TimeSpan.TicksPerDay * 3000 + 1)]
    [InlineData(TimeSpan.TicksPerDay * 4_000_000)]
    public void Writes_at_most_eight_digits_and_never_less_than_the_time(long ticks)
    {
        string text = TimeoutCodec.Format(TimeSpan.FromTicks(ticks));

        Assert.InRange(text.Length, 2, 9);
        Assert.True(TimeoutCodec.TryParse(text, out TimeSpan read));
        Assert.True(read.Ticks >= ticks, text);
    }
}
