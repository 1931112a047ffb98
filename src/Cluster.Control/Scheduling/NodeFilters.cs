using Cluster.Control.Allocation;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Scheduling;

/// <summary>
/// Whether a node can take one more task of a service, and if not, the first reason in a fixed order: available, resources,
/// constraints, host ports, replicas per node. Holds the service's wishes, which change with the service row only.
/// </summary>
internal sealed class NodeFilters
{
    private readonly PlacementConstraints _constraints;
    private readonly Resources _reservation;
    private readonly PortSpec[] _ports;
    private readonly int _maxReplicasPerNode;

    public NodeFilters(ServiceRecord service, TaskTemplate template)
    {
        SpreadOver = service.Spec.Placement.SpreadOver;
        _constraints = PlacementConstraints.Of(service.Spec.Placement);
        _reservation = template.Resources.Reservations;
        _ports = [.. HostPortClaims.HostPorts(template)];
        _maxReplicasPerNode = service.Spec.Placement.MaxReplicasPerNode;
        ServiceName = service.Spec.Name;
    }

    public string ServiceName { get; }

    public ValueList<string> SpreadOver { get; }

    public IReadOnlyList<PortSpec> Ports => _ports;

    public Verdict Check(StoreView view, NodeLoad node, int activeOfService) => Check(view, node, activeOfService, out _);

    /// <param name="activeOfService">Tasks that the service has on the node already.</param>
    /// <param name="hostPorts">The host ports that the task gets there.</param>
    public Verdict Check(StoreView view, NodeLoad node, int activeOfService, out ValueList<HostPort> hostPorts)
    {
        hostPorts = [];
        if (!node.IsAvailable) return Verdict.NotAvailable;
        if (!node.Has(_reservation)) return Verdict.Resources;
        if (!_constraints.Matches(node.Node!)) return Verdict.Constraints;
        if (_ports.Length > 0)
        {
            if (HostPortClaims.Choose(view, node.Id, _ports, out PortSpec? taken) is not { } chosen) return Verdict.PortInUse(Array.IndexOf(_ports, taken));
            hostPorts = chosen;
        }

        return _maxReplicasPerNode > 0 && activeOfService >= _maxReplicasPerNode ? Verdict.MaxReplicas : Verdict.Fits;
    }

    /// <summary>What a refusal says about this many nodes, in Swarm's words where it has them.</summary>
    public string Explain(Verdict verdict, int nodes)
    {
        string on = nodes == 1 ? "on 1 node" : $"on {nodes} nodes";
        if (verdict == Verdict.NotAvailable) return nodes == 1 ? "1 node not available for new tasks" : $"{nodes} nodes not available for new tasks";
        if (verdict == Verdict.Resources) return $"insufficient resources {on}";
        if (verdict == Verdict.Constraints) return $"scheduling constraints not satisfied {on}";
        if (verdict == Verdict.MaxReplicas) return $"max replicas per node limit reached {on}";
        PortSpec port = _ports[verdict.PortIndex];
        string protocol = port.Protocol switch { PortProtocol.Udp => "udp", PortProtocol.Sctp => "sctp", _ => "tcp" };
        return port.PublishedPort == 0
            ? $"no free {protocol} port of {HostPortClaims.FirstDynamic}-{HostPortClaims.LastDynamic} {on}"
            : $"host port {port.PublishedPort}/{protocol} in use {on}";
    }
}
