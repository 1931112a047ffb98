using System.Buffers.Binary;
using System.Security.Cryptography;
using Cluster.LabTests.Faults;
using Cluster.LabTests.Labs;
using Cluster.LabTests.Quorum;
using Xunit;
using Xunit.Abstractions;

namespace Cluster.LabTests.Recovery;

/// <summary>Autolock, rotation, a killed manager and a stop of the whole cluster, under load: nothing acknowledged is lost, no container notices, no disk tells a label.</summary>
[Collection(QuorumLabCollection.Name)]
public sealed class LockedManagersTests(QuorumLabFixture fixture, ITestOutputHelper output)
{
    private const int Clients = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Locks_and_unlocks_under_load_and_leaves_no_label_on_any_disk() => await fixture.RunAsync(output, async (lab, ct) =>
    {
        // A locked manager has no agent: with the usual period, its tasks would be given to other nodes before slow hands have unlocked it.
        (await lab.ClusterAsync(["node", "update", "--dispatcher-heartbeat", "60s"], ct)).OrThrow();
        var label = new MarkerSearch(RandomNumberGenerator.GetBytes(32));
        var variable = new MarkerSearch(RandomNumberGenerator.GetBytes(32));
        var untouched = await CreateMarkedAsync(lab, label, variable, ct);
        var containers = (await lab.ContainersAsync(ct)).ToHashSet();
        var managers = lab.Managers.Select(lab.Connect).ToList();
        var random = new Random(Repetitions.Seed());
        var clients = Enumerable.Range(0, Clients).Select(i => new CreatingClient(managers, $"locked{i}-", new Random(random.Next()), label.Text)).ToList();
        using var stopping = new CancellationTokenSource();
        var running = Task.WhenAll(clients.Select(client => client.RunAsync(stopping.Token, ct)));

        (await lab.ClusterAsync(["node", "update", "--autolock=true"], ct)).OrThrow();
        await AreSealedAsync(lab, generation: 1, ct);
        var first = (await lab.ClusterAsync(["node", "unlock-key", "-q"], ct)).OrThrow().Output;
        var second = (await lab.ClusterAsync(["node", "unlock-key", "--rotate", "-q"], ct)).OrThrow().Output;
        await AreSealedAsync(lab, generation: 2, ct);

        var killed = lab.Managers[1];
        await lab.KillDaemonAsync(killed, ct);
        await lab.StartAsync(killed, ct);
        await IsLockedAsync(lab, killed, wrongKey: first, ct);
        await UnlockAsync(lab, killed, second, ct);
        await QuorumState.IsWholeAsync(lab, ct);

        await stopping.CancelAsync();
        await running;
        foreach (var host in lab.Hosts)
        {
            await lab.KillDaemonAsync(host, ct);
        }

        Assert.NotEmpty(await variable.FilesBelowAsync(lab.StateDirectory, ct));
        Assert.Empty(await label.FilesBelowAsync(lab.StateDirectory, ct));

        foreach (var host in lab.Hosts)
        {
            await lab.StartAsync(host, ct);
        }

        foreach (var manager in lab.Managers)
        {
            await IsLockedAsync(lab, manager, wrongKey: first, ct);
            await UnlockAsync(lab, manager, second, ct);
        }

        await QuorumState.IsWholeAsync(lab, ct);
        var services = await QuorumState.ServicesAsync(managers, ct);
        var created = clients.SelectMany(client => client.Names).ToList();
        output.WriteLine($"{created.Count} creates acknowledged");
        Assert.Equal(created.Append("untouched").Order(StringComparer.Ordinal), services.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(containers, (await lab.ContainersAsync(ct)).ToHashSet());

        (await lab.ClusterAsync(["node", "update", "--autolock=false", "--dispatcher-heartbeat", "5s"], ct)).OrThrow();
        await AreSealedAsync(lab, generation: null, ct);
        await QuorumState.RemoveAsync(managers[0], created.Select(name => services[name]), random, ct);
        managers.ForEach(manager => manager.Dispose());
        await untouched.RemoveAsync(ct);
    });

    /// <summary>A replica on each host, with a marker in a label and another one, that the search must find, in a variable.</summary>
    private static async Task<WebService> CreateMarkedAsync(Lab lab, MarkerSearch label, MarkerSearch variable, CancellationToken ct)
    {
        string[] flags = ["--label", $"marker={label.Text}", "--env", $"MARKER={variable.Text}", "--replicas", $"{lab.Hosts.Count}"];
        (await lab.ClusterAsync(["service", "create", "--detach", "--name", "untouched", .. flags, "lab/web:1"], ct)).OrThrow();
        var service = new WebService(lab, "untouched");
        await service.IsCompleteAsync(lab.Hosts, ct);
        return service;
    }

    /// <summary>Waits until the key store of every manager is sealed under the unlock key of that generation, and log and snapshots under one data key.</summary>
    private static async Task AreSealedAsync(Lab lab, ulong? generation, CancellationToken ct)
    {
        foreach (var manager in lab.Managers)
        {
            await Eventually.HoldsAsync($"{manager} is sealed as generation {generation}", Limit, _ => Task.FromResult(Unsealed(lab, manager, generation)), ct);
        }
    }

    private static string? Unsealed(Lab lab, string manager, ulong? generation)
    {
        var state = Path.Combine(lab.StateDirectory, manager);
        var keys = File.ReadAllBytes(Path.Combine(state, "node", "keys"));
        ulong? found = keys[5] == 2 ? BinaryPrimitives.ReadUInt64BigEndian(keys.AsSpan(6)) : null;
        var hasOwnKey = File.Exists(Path.Combine(state, "node", "key-encryption-key"));
        return found == generation && hasOwnKey == generation is null ? null : $"generation {found}, own key {hasOwnKey}";
    }

    private static async Task IsLockedAsync(Lab lab, string manager, string wrongKey, CancellationToken ct)
    {
        await Eventually.HoldsAsync($"{manager} is locked", Limit, async token =>
        {
            var info = await lab.ClusterAsync(manager, ["info", "--format", "{{.LocalNodeState}}"], token);
            return info.Output == "locked" ? null : info.Output + info.Errors;
        }, ct);
        var refused = await lab.ClusterAsync(manager, ["service", "ls"], ct);
        Assert.Equal((1, "cluster: this node is locked: run 'cluster node unlock' here, or this command on another manager"), (refused.ExitCode, refused.Errors));
        refused = await lab.ClusterWithInputAsync(manager, wrongKey, ["node", "unlock"], ct);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("not the unlock key", refused.Errors, StringComparison.Ordinal);
    }

    private static async Task UnlockAsync(Lab lab, string manager, string key, CancellationToken ct) =>
        (await lab.ClusterWithInputAsync(manager, key, ["node", "unlock"], ct)).OrThrow();
}
