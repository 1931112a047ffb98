using Cluster.Agent.Runtime;
using Cluster.Containers.Logs;
using Cluster.Model.Specs;
using Xunit;

namespace Cluster.UnitTests.Containers.Logs;

public sealed class LogPolicyTests
{
    [Theory]
    [InlineData("10m", "3", 8L << 20, 30L << 20)]
    [InlineData("100k", "2", 100L << 10, 200L << 10)]
    [InlineData("1g", null, 8L << 20, 1L << 30)]
    [InlineData("1", "1", 4096, 4096)]
    public void Reads_the_options(string maxSize, string? maxFile, long segment, long total)
    {
        Labels options = Labels.Empty.With("max-size", maxSize);
        if (maxFile is not null) options = options.With("max-file", maxFile);
        Assert.Equal(new LogPolicy(segment, total), LogPolicy.Of(new LogDriver("json-file", options)));
    }

    [Fact]
    public void None_keeps_nothing_and_no_driver_the_default()
    {
        Assert.Null(LogPolicy.Of(new LogDriver("none", Labels.Empty)));
        Assert.Equal(LogPolicy.Default, LogPolicy.Of(null));
    }

    [Theory]
    [InlineData("syslog", "max-size", "1m")]
    [InlineData("json-file", "max-size", "many")]
    [InlineData("json-file", "max-size", "-1m")]
    [InlineData("json-file", "max-size", "99999999999g")]
    [InlineData("json-file", "max-file", "0")]
    public void Refuses_what_it_does_not_know(string driver, string key, string value) =>
        Assert.False(Assert.Throws<RuntimeException>(() => LogPolicy.Of(new LogDriver(driver, Labels.Empty.With(key, value)))).IsTemporary);
}
