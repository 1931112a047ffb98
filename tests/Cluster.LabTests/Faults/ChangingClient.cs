using System.Globalization;
using Cluster.LabTests.Labs;

namespace Cluster.LabTests.Faults;

/// <summary>
/// Creates, scales and removes services of its own, one command after the other, and remembers which changes were acknowledged: those whose
/// line <c>cluster</c> printed. Not thread-safe; several clients make a load. None of its services is ever meant to have no replicas: one that
/// is listed with none is being removed.
/// </summary>
/// <param name="lab">The lab.</param>
/// <param name="name">The start of its services' names.</param>
/// <param name="isPlaced">Whether its services run on nodes, few at a time; the others fit nowhere and can be changed as fast as commits go.</param>
/// <param name="random">What decides.</param>
internal sealed class ChangingClient(Lab lab, string name, bool isPlaced, Random random)
{
    private readonly int _maxServices = isPlaced ? 3 : 12;
    private readonly int _maxReplicas = isPlaced ? 2 : 40;
    private readonly List<ChangedService> _services = [];
    private int _created;

    /// <summary>How many changes were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>How many changes a dying manager left open.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Goes on until <paramref name="dying"/> is cancelled and its last command has ended. Before that, every command must succeed.</summary>
    public async Task RunAsync(CancellationToken dying, CancellationToken ct)
    {
        while (!dying.IsCancellationRequested)
        {
            var result = await ChangeAsync(ct);
            if (result.ExitCode != 0 && !dying.IsCancellationRequested)
            {
                result.OrThrow();
            }
        }
    }

    /// <summary>Compares what is there with what was acknowledged. Returns what is wrong.</summary>
    public IEnumerable<string> Compare(IReadOnlyList<ServiceRow> rows)
    {
        var mine = rows.Where(row => row.Name.StartsWith(name, StringComparison.Ordinal)).ToLookup(row => row.Name, StringComparer.Ordinal);
        var unknown = mine.Select(group => group.Key).Except(_services.Select(service => service.Name), StringComparer.Ordinal);
        var doubled = mine.Where(group => group.Count() > 1).Select(group => group.Key);
        var changed = _services.Select(service => service.Settle(mine[service.Name].FirstOrDefault()?.Replicas)).OfType<string>();
        List<string> wrong = [.. unknown.Select(other => $"{other} was removed"), .. doubled.Select(other => $"{other} is there twice"), .. changed];
        _services.RemoveAll(service => !service.MayExist);
        return wrong;
    }

    private async Task<CommandResult> ChangeAsync(CancellationToken ct)
    {
        List<ChangedService> known = [.. _services.Where(service => service.MayExist)];
        if (known.Count >= _maxServices)
        {
            return await EachAsync(["service", "rm"], [(known[random.Next(known.Count)], null)], (service, _) => service.Name, ct);
        }

        return known.Count == 0 || random.Next(3) == 0 ? await CreateAsync(ct) : await ScaleAsync(known, ct);
    }

    private async Task<CommandResult> CreateAsync(CancellationToken ct)
    {
        var service = new ChangedService(string.Create(CultureInfo.InvariantCulture, $"{name}{_created++}"));
        _services.Add(service);
        var replicas = random.Next(1, _maxReplicas + 1);
        string[] nowhere = isPlaced ? [] : ["--constraint", "node.labels.nowhere==true"];
        service.Try(replicas);
        var result = await lab.ClusterAsync(["service", "create", "--detach", "--name", service.Name, "--replicas", Text(replicas), .. nowhere, "lab/web:1"], ct);
        Count(service, result.Lines.Count > 0);
        return result;
    }

    private async Task<CommandResult> ScaleAsync(List<ChangedService> known, CancellationToken ct) =>
        await EachAsync(
            ["service", "scale", "--detach"],
            [.. known.Select(service => (service, (int?)random.Next(1, _maxReplicas + 1)))],
            (service, replicas) => $"{service.Name}={Text(replicas!.Value)}",
            ct);

    /// <summary>A command that makes one change after the other, each with a line of its own, and ends at the first that fails.</summary>
    private async Task<CommandResult> EachAsync(
        IEnumerable<string> command, List<(ChangedService Service, int? Replicas)> changes, Func<ChangedService, int?, string> argument, CancellationToken ct)
    {
        var result = await lab.ClusterAsync([.. command, .. changes.Select(change => argument(change.Service, change.Replicas))], ct);
        foreach (var (service, replicas) in changes.Take(result.Lines.Count + 1))
        {
            service.Try(replicas);
            Count(service, result.Lines.Any(line => line.Split(' ')[0] == service.Name));
        }

        return result;
    }

    private void Count(ChangedService service, bool isAcknowledged)
    {
        if (isAcknowledged)
        {
            service.Acknowledge();
            Acknowledged++;
        }
        else
        {
            Unanswered++;
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
