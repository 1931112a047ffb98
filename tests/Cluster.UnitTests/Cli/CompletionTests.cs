using Cluster.Api.V1;
using Cluster.UnitTests.Cli.Fakes;
using Xunit;
using Task = System.Threading.Tasks.Task;

namespace Cluster.UnitTests.Cli;

public sealed class CompletionTests : IAsyncLifetime
{
    private FakeDaemon _daemon = null!;

    public async Task InitializeAsync()
    {
        _daemon = await FakeDaemon.StartAsync();
        _daemon.Control.Nodes.Add(Records.Node(Records.W1, "w1"));
        _daemon.Control.Services.Add(Records.Web());
        _daemon.Control.Counts.Add(new ServiceCounts());
    }

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Theory]
    [InlineData("cluster serv", "service")]
    [InlineData("cluster service ", "create")]
    [InlineData("cluster service ls --q", "--quiet")]
    [InlineData("cluster service rm w", "web")]
    [InlineData("cluster service scale w", "web=")]
    [InlineData("cluster node inspect ", "w1")]
    [InlineData("cluster node inspect s", "self")]
    public async Task Offers_what_can_stand_there(string line, string offered)
    {
        CliResult result = await CliResult.OfAsync(name => name == "CLUSTER_SOCKET" ? _daemon.Socket : null, $"[suggest:{line.Length}]", line);
        Assert.Contains(offered, result.Output.Split('\n'));
    }

    [Fact]
    public async Task Offers_no_flag_that_is_not_built()
    {
        const string line = "cluster service create --";
        CliResult result = await CliResult.OfAsync(_ => null, $"[suggest:{line.Length}]", line);
        Assert.Contains("--replicas", result.Output.Split('\n'));
        Assert.DoesNotContain("--update-delay", result.Output.Split('\n'));
    }

    [Fact]
    public async Task Offers_nothing_when_nobody_answers()
    {
        const string line = "cluster node inspect ";
        CliResult result = await CliResult.OfAsync(name => name == "CLUSTER_SOCKET" ? "/nowhere" : null, $"[suggest:{line.Length}]", line);
        Assert.DoesNotContain("w1", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _cluster_complete cluster")]
    [InlineData("zsh", "compdef _cluster cluster")]
    [InlineData("fish", "complete -c cluster")]
    public async Task Prints_what_the_shell_runs(string shell, string text) => Assert.Contains(text, await _daemon.OkAsync("completion", shell), StringComparison.Ordinal);

    [Fact]
    public async Task Refuses_a_shell_that_it_does_not_know() =>
        Assert.Contains("allowed are bash, zsh and fish", await _daemon.FailAsync("completion", "tcsh"), StringComparison.Ordinal);
}
