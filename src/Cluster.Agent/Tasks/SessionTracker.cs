using Cluster.Agent.Sessions;
using Cluster.Model.Time;

namespace Cluster.Agent.Tasks;

/// <summary>The session with a manager: when the next heartbeat is due, and whether the manager is still heard of.</summary>
internal sealed class SessionTracker
{
    /// <summary>Heartbeat periods without any message after which the manager is given up.</summary>
    private const int SilentPeriods = 3;
    private static readonly TimeSpan DefaultPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromMinutes(1);

    private TimeSpan _period;
    private ClusterTime _nextHeartbeat;
    private ClusterTime _lastHeard;
    private long _newest;

    /// <summary>0: there is none, or it was given up.</summary>
    public long Current { get; private set; }

    public bool IsOpen => Current != 0;

    /// <summary>Changes that did not lead to the manager's digest, in a row.</summary>
    public int Mismatches { get; set; }

    public ClusterTime? NextWake => !IsOpen ? null : _nextHeartbeat < GiveUpAt ? _nextHeartbeat : GiveUpAt;

    private ClusterTime GiveUpAt => _lastHeard + _period * SilentPeriods;

    /// <summary>False: it is an old one.</summary>
    public bool Open(long session, SessionWelcome welcome, ClusterTime now)
    {
        if (session <= _newest) return false;
        _newest = Current = session;
        _period = Sound(welcome.HeartbeatPeriod);
        _nextHeartbeat = now + _period;
        _lastHeard = now;
        return true;
    }

    public void ChangePeriod(TimeSpan period, ClusterTime now)
    {
        _period = Sound(period);
        if (now + _period < _nextHeartbeat) _nextHeartbeat = now + _period;
    }

    public void Close() => Current = 0;

    public void Heard(ClusterTime now) => _lastHeard = now;

    public bool IsSilent(ClusterTime now) => IsOpen && now >= GiveUpAt;

    public bool TakeHeartbeat(ClusterTime now)
    {
        if (!IsOpen || now < _nextHeartbeat) return false;
        _nextHeartbeat = now + _period;
        return true;
    }

    private static TimeSpan Sound(TimeSpan period) =>
        period <= TimeSpan.Zero ? DefaultPeriod : TimeSpan.FromTicks(Math.Clamp(period.Ticks, ShortestPeriod.Ticks, LongestPeriod.Ticks));
}
