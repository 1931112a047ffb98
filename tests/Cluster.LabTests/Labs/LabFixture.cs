using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Labs;

/// <summary>
/// One lab for all tests of a collection, named after this process; collections run one after the other. A test that fails takes the lab down with it, after
/// its logs are printed, so that the next one starts from a fresh one.
/// </summary>
/// <param name="managers">How many managers it has.</param>
/// <param name="workers">How many workers it has.</param>
public abstract class LabFixture(int managers, int workers) : IAsyncLifetime
{
    private const string StateDirectory = "/var/lib/cluster-lab";
    private static readonly TimeSpan UpLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan TestLimit = TimeSpan.FromMinutes(8);

    private readonly Lab _lab = new(Lab.NamePrefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture), managers, workers);
    private bool _isUp;

    public async Task InitializeAsync()
    {
        using var limit = new CancellationTokenSource(UpLimit, TimeProvider.System);
        await RemoveOrphansAsync(limit.Token);
    }

    public async Task DisposeAsync() => await RemoveAsync();

    /// <summary>Runs a test on a lab that is up; afterwards every host must hold nothing that nobody owns.</summary>
    /// <param name="output">Where logs go when the test fails.</param>
    /// <param name="test">The test.</param>
    /// <param name="more">For tests that repeat: how much longer than others it may take.</param>
    internal async Task RunAsync(ITestOutputHelper output, Func<Lab, CancellationToken, Task> test, TimeSpan more = default)
    {
        using var limit = new CancellationTokenSource(TestLimit + more, TimeProvider.System);
        try
        {
            if (!_isUp)
            {
                _isUp = true;
                await _lab.UpAsync(limit.Token);
            }

            await test(_lab, limit.Token);
            await _lab.CheckAsync(limit.Token);
        }
        catch
        {
            await PrintLogsAsync(output);
            await RemoveAsync();
            throw;
        }
    }

    private async Task PrintLogsAsync(ITestOutputHelper output)
    {
        using var limit = new CancellationTokenSource(UpLimit, TimeProvider.System);
        output.WriteLine(Show(await _lab.RunAsync(["status"], limit.Token)));
        foreach (var host in _lab.Hosts)
        {
            output.WriteLine(Show(await _lab.RunAsync(["logs", host, "-n300"], limit.Token)));
        }
    }

    private static string Show(CommandResult result) => $"--- {result.Command}\n{result.Output}\n{result.Errors}";

    private async Task RemoveAsync()
    {
        if (_isUp)
        {
            using var limit = new CancellationTokenSource(UpLimit, TimeProvider.System);
            await _lab.DownAsync(limit.Token);
            _isUp = false;
        }
    }

    /// <summary>Labs of test runs that were killed before they could clean up: their process is gone.</summary>
    private static async Task RemoveOrphansAsync(CancellationToken ct)
    {
        if (!Directory.Exists(StateDirectory))
        {
            return;
        }

        foreach (var name in Directory.GetDirectories(StateDirectory, Lab.NamePrefix + "*").Select(path => Path.GetFileName(path)))
        {
            if (int.TryParse(name.AsSpan(Lab.NamePrefix.Length), CultureInfo.InvariantCulture, out var owner) && !Directory.Exists($"/proc/{owner}"))
            {
                await new Lab(name, managers: 0, workers: 0).DownAsync(ct);
            }
        }
    }
}
