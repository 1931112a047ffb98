using Cluster.Model.Time;

namespace Cluster.Testing.Agent;

/// <summary>Virtual time, as a simulator gives it: actions run one at a time, in the order of time, then of scheduling.</summary>
public interface ISimulationScheduler
{
    ClusterTime Now { get; }

    void Schedule(TimeSpan delay, Action action);
}
