using Cluster.Model.Time;
using Cluster.Store.Sequencing;
using Xunit;

namespace Cluster.UnitTests.Store.Sequencing;

public sealed class ClusterClockTests
{
    private static readonly DateTimeOffset Wall = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static ClusterTime At(double seconds) => ClusterTime.FromUtc(Wall) + TimeSpan.FromSeconds(seconds);

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    [Fact]
    public void Starts_a_new_cluster_at_the_wall_clock()
    {
        ClusterClock clock = new();
        Assert.Equal(At(0), clock.BeginLeadership(ClusterTime.Zero, S(500), Wall));
        Assert.Equal(At(10), clock.Now(S(510), Wall + S(10)));
    }

    [Fact]
    public void Does_not_begin_time_by_being_asked_for_it()
    {
        ClusterClock clock = new();
        Assert.True(clock.Now(S(5), Wall).IsNone);
        Assert.Equal(At(10), clock.BeginLeadership(ClusterTime.Zero, S(10), Wall + S(10)));
    }

    [Fact]
    public void Goes_on_from_what_it_observed_as_a_follower()
    {
        ClusterClock clock = new();
        clock.Observe(At(-20), S(100));
        Assert.Equal(At(-10), clock.BeginLeadership(At(-20), S(110), Wall));
    }

    [Fact]
    public void Makes_up_for_the_time_that_the_whole_cluster_was_down()
    {
        Assert.Equal(At(0), new ClusterClock().BeginLeadership(At(-86_400), S(1), Wall));
    }

    [Fact]
    public void Does_not_believe_a_wall_clock_that_is_years_ahead()
    {
        ClusterClock clock = new();
        Assert.Equal(At(0), clock.BeginLeadership(At(0), S(1), Wall.AddYears(10)));
        Assert.Equal(At(11), clock.Now(S(11), Wall.AddYears(10)));
    }

    [Fact]
    public void Slews_forwards_and_backwards_by_a_tenth_at_most()
    {
        ClusterClock clock = new();
        clock.BeginLeadership(At(0), S(0), Wall);
        Assert.Equal(At(11), clock.Now(S(10), Wall + S(15)));
        Assert.Equal(At(20), clock.Now(S(20), Wall + S(12)));
        Assert.Equal(At(29), clock.Now(S(30), Wall + S(22)));
    }

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void Never_goes_backwards_whatever_the_clocks_do(int seed)
    {
        Random random = new(seed);
        ClusterClock clock = new();
        ClusterTime last = clock.BeginLeadership(ClusterTime.Zero, S(0), Wall);
        double monotonic = 0;
        for (int i = 0; i < 2_000; i++)
        {
            monotonic += random.Next(5) == 0 ? -random.NextDouble() : random.NextDouble();
            DateTimeOffset wall = Wall + S(random.Next(-100_000, 100_000));
            ClusterTime now = random.Next(20) == 0 ? clock.BeginLeadership(last, S(monotonic), wall) : clock.Now(S(monotonic), wall);
            Assert.True(now >= last);
            last = now;
        }
    }
}
