namespace Cluster.Agent.Tasks;

/// <summary>How long to wait after so many failures in a row: 1 s, doubled each time, at most a minute.</summary>
internal static class RetryDelay
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public static TimeSpan After(int failures)
    {
        int doublings = Math.Clamp(failures - 1, 0, 16);
        TimeSpan delay = First * (1 << doublings);
        return delay < Longest ? delay : Longest;
    }
}
