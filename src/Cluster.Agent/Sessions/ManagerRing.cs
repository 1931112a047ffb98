using Cluster.Model.Specs;

namespace Cluster.Agent.Sessions;

/// <summary>The known managers, taken in turn, and how long to wait before the next attempt: 100 ms, doubled each round, at most 8 s, less a random part.</summary>
internal sealed class ManagerRing
{
    /// <summary>More than a cluster can have; a longer list is cut.</summary>
    public const int Limit = 64;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(8);

    private readonly Random _random;
    private int _next;
    private int _failures;

    public ManagerRing(ValueList<string> addresses, Random random)
    {
        if (addresses.IsEmpty) throw new ArgumentException("at least one manager must be known", nameof(addresses));
        _random = random;
        Addresses = Cut(addresses);
        _next = random.Next(Addresses.Count); // nodes that start together spread over the managers
    }

    public ValueList<string> Addresses { get; private set; }

    public string Current => Addresses[_next];

    /// <summary>An empty list is ignored: an agent that knows no manager is lost. True: the list is another one.</summary>
    public bool Update(ValueList<string> addresses)
    {
        if (addresses.IsEmpty) return false;
        string current = Current;
        ValueList<string> cut = Cut(addresses);
        if (cut == Addresses) return false;
        Addresses = cut;
        _next = Math.Max(0, cut.Items.IndexOf(current));
        return true;
    }

    /// <summary>Moves on to the next manager and says how long to wait before trying it.</summary>
    public TimeSpan Failed()
    {
        int round = Math.Min(_failures / Addresses.Count, 16);
        _failures++;
        _next = (_next + 1) % Addresses.Count;
        TimeSpan longest = FirstDelay * (1 << round);
        if (longest > LongestDelay) longest = LongestDelay;
        return longest * (0.5 + _random.NextDouble() / 2);
    }

    public void Succeeded() => _failures = 0;

    private static ValueList<string> Cut(ValueList<string> addresses) => addresses.Distinct(StringComparer.Ordinal).Take(Limit).ToValueList();
}
