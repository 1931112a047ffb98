using Cluster.Control.Dispatch;
using Cluster.Model.Ids;
using Xunit;

namespace Cluster.UnitTests.Control;

public sealed class ClockSkewsTests
{
    private static readonly NodeId Node = new(1);

    private readonly ClockSkews _skews = new();

    [Fact]
    public void Believes_the_samples_that_were_the_least_delayed()
    {
        TimeSpan? found = null;
        foreach (int delay in new[] { 900, 20, 3_000, 0, 400 }) found = Heard(TimeSpan.FromSeconds(12) - TimeSpan.FromMilliseconds(delay));
        Assert.Equal(TimeSpan.FromSeconds(12), found);
    }

    [Fact]
    public void Says_nothing_of_a_clock_that_is_right_however_slow_the_network_is()
    {
        foreach (int delay in new[] { 30, 5_000, 2_000, 100, 8_000, 40 }) Assert.Null(Heard(TimeSpan.FromMilliseconds(-delay)));
    }

    [Fact]
    public void Says_nothing_that_the_row_says_already()
    {
        for (int i = 0; i < 10; i++) Assert.Null(Heard(TimeSpan.FromMilliseconds(-3_100), stored: TimeSpan.FromSeconds(-3)));
    }

    [Fact]
    public void Notices_a_clock_that_was_set_right()
    {
        for (int i = 0; i < 30; i++) Heard(TimeSpan.FromSeconds(10), stored: TimeSpan.FromSeconds(10));
        TimeSpan? found = null;
        for (int i = 0; i < 30; i++) found = Heard(TimeSpan.Zero, stored: TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, found);
    }

    [Fact]
    public void Takes_clocks_that_show_anything_at_all()
    {
        for (int i = 0; i < 30; i++) Heard(TimeSpan.MaxValue, stored: TimeSpan.Zero);
        TimeSpan? slow = null;
        for (int i = 0; i < 30; i++) slow = Heard(TimeSpan.MinValue, stored: TimeSpan.FromTicks(DateTime.MaxValue.Ticks));
        Assert.InRange(slow!.Value, -TimeSpan.FromTicks(DateTime.MaxValue.Ticks), TimeSpan.FromDays(-3_000_000));
    }

    private TimeSpan? Heard(TimeSpan sample, TimeSpan stored = default) => _skews.Heard(Node, sample, stored);
}
