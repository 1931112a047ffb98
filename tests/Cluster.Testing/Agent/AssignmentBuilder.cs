using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Testing.Agent;

/// <summary>Makes assignments for tests: task number <c>n</c> of service <c>web</c> with an image that exists.</summary>
public sealed class AssignmentBuilder(int number)
{
    private ContainerSpec _container = new() { Image = "web:1" };
    private TaskState _desired = TaskState.Running;
    private TaskState _observed = TaskState.Assigned;
    private ValueList<HostPort> _ports = [];
    private Labels _labels = Labels.Empty;
    private int _slot = 1;

    public static TaskId Id(int number) => new((UInt128)number);

    public static TaskAssignment Task(int number) => new AssignmentBuilder(number).Build();

    public AssignmentBuilder With(Func<ContainerSpec, ContainerSpec> change)
    {
        _container = change(_container);
        return this;
    }

    public AssignmentBuilder Desired(TaskState state)
    {
        _desired = state;
        return this;
    }

    public AssignmentBuilder Observed(TaskState state)
    {
        _observed = state;
        return this;
    }

    public AssignmentBuilder Slot(int slot)
    {
        _slot = slot;
        return this;
    }

    public AssignmentBuilder Port(int published)
    {
        _ports = [new HostPort(PortProtocol.Tcp, 80, published)];
        return this;
    }

    public AssignmentBuilder ServiceLabel(string key, string value)
    {
        _labels = _labels.With(key, value);
        return this;
    }

    public TaskAssignment Build()
    {
        ResourceRequirements resources = new();
        return new TaskAssignment
        {
            TaskId = Id(number),
            ServiceId = new ServiceId(77),
            ServiceName = "web",
            ServiceLabels = _labels,
            Slot = _slot,
            DesiredState = _desired,
            ObservedState = _observed,
            HostPorts = _ports,
            Template = new TaskTemplate
            {
                Id = TemplateHash.Compute(_container, resources, NetworkMode.Bridge, [], null, 0),
                Container = _container,
                Resources = resources,
            },
        };
    }
}
