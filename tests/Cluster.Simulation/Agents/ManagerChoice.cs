namespace Cluster.Simulation.Agents;

/// <summary>Which manager an agent calls next, and when: in turn, with growing delays, as the agent's own client does it.</summary>
internal sealed class ManagerChoice(int managers, Random random)
{
    private int _next = random.Next(managers);
    private int _failures;

    public int Current => _next;

    public TimeSpan Failed()
    {
        int round = Math.Min(_failures / managers, 7);
        _failures++;
        _next = (_next + 1) % managers;
        double longest = Math.Min(8, 0.1 * (1 << round));
        return TimeSpan.FromSeconds(longest * (0.5 + (random.NextDouble() / 2)));
    }

    public void Succeeded() => _failures = 0;
}
