using Cluster.Agent.Hosting;
using Cluster.Model.Time;
using Xunit;

namespace Cluster.UnitTests.Agent;

public sealed class AgentClockTests
{
    private readonly SetTime _time = new();

    [Fact]
    public void Follows_the_wall_clock()
    {
        AgentClock clock = new(_time);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ClusterTime.FromUtc(_time.GetUtcNow()), clock.Now());
        _time.Wall += TimeSpan.FromHours(1);
        Assert.Equal(ClusterTime.FromUtc(_time.GetUtcNow()), clock.Now());
    }

    [Fact]
    public void Goes_at_half_speed_when_the_wall_clock_was_set_back()
    {
        AgentClock clock = new(_time);
        ClusterTime before = clock.Now();
        _time.Wall -= TimeSpan.FromSeconds(10);
        Assert.Equal(before, clock.Now());
        _time.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(before + TimeSpan.FromSeconds(4), clock.Now());
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(ClusterTime.FromUtc(_time.GetUtcNow()), clock.Now());
    }

    [Theory]
    [InlineData("MemTotal:       16303224 kB\nMemFree: 1 kB\n", 16303224L * 1024)]
    [InlineData("MemFree: 1 kB\nMemTotal: 5 kB", 5L * 1024)]
    [InlineData("", 0L)]
    [InlineData("MemTotal: nonsense kB", 0L)]
    public void Reads_the_memory_of_the_machine(string text, long bytes) => Assert.Equal(bytes, NodeProbe.TotalMemoryBytes(text));

    private sealed class SetTime : TimeProvider
    {
        private long _stamp;

        public DateTimeOffset Wall { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _stamp;

        public override DateTimeOffset GetUtcNow() => Wall;

        public void Advance(TimeSpan time)
        {
            _stamp += time.Ticks;
            Wall += time;
        }
    }
}
