using Cluster.Model;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Control.Commands;

/// <summary>What a service spec may not be, in any state of the cluster.</summary>
internal static class ServiceChecks
{
    public static Refusal? Refuse(ServiceSpec spec)
    {
        if (spec.Replicas < 0) return Refusal.Invalid($"service {spec.Name}: replicas must not be negative ({spec.Replicas})");
        if (spec.Mode != ServiceMode.Replicated) return Refusal.Unsupported("global services are not supported yet; use mode replicated");
        foreach (PortSpec port in spec.Ports)
        {
            if (port.Mode == PublishMode.Host) continue;
            return Refusal.Unsupported(
                $"port {port.PublishedPort}:{port.TargetPort}: publishing on every node (mode ingress) is not supported yet; use mode=host");
        }

        return null;
    }
}
