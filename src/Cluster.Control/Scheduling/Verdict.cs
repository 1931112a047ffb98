namespace Cluster.Control.Scheduling;

/// <summary>What the filters say of one node, in one byte. The numbers are also the order in which equal counts are told.</summary>
internal readonly record struct Verdict(byte Code) : IComparable<Verdict>
{
    /// <summary>Not asked, or no such node.</summary>
    public static readonly Verdict None;

    public static readonly Verdict Fits = new(1);

    public static readonly Verdict NotAvailable = new(2);

    public static readonly Verdict Resources = new(3);

    public static readonly Verdict Constraints = new(4);

    public static readonly Verdict MaxReplicas = new(FirstPort - 1);

    private const byte FirstPort = 6;

    /// <summary>Which of the template's host ports is not free. Ports beyond the 200th share a number.</summary>
    public int PortIndex => Code - FirstPort;

    public static Verdict PortInUse(int index) => new((byte)(FirstPort + Math.Clamp(index, 0, 200)));

    public int CompareTo(Verdict other) => Code.CompareTo(other.Code);
}
