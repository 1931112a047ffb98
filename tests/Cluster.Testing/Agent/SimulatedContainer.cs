using Cluster.Agent.Runtime;

namespace Cluster.Testing.Agent;

/// <summary>A container of a <see cref="SimulatedMachine"/>.</summary>
public sealed class SimulatedContainer(ContainerPlan plan)
{
    public ContainerPlan Plan { get; } = plan;

    public RuntimeTaskState State { get; internal set; } = RuntimeTaskState.Created;

    /// <summary>0 unless it runs.</summary>
    public int Pid { get; internal set; }

    public ContainerExit? Exit { get; internal set; }
}
