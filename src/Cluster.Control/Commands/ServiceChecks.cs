using Cluster.Model;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Validation;

namespace Cluster.Control.Commands;

/// <summary>What a service spec may not be, in any state of the cluster: what is wrong, and what is not built yet.</summary>
internal static class ServiceChecks
{
    public static Refusal? Refuse(ServiceSpec spec)
    {
        if (ServiceSpecValidator.Validate(spec) is { } refusal) return refusal;
        foreach (PortSpec port in spec.Ports)
        {
            if (port.Mode == PublishMode.Host) continue;
            return Refusal.Unsupported(
                $"port {port.PublishedPort}:{port.TargetPort}: publishing on every node (mode ingress) is not supported yet; use mode=host");
        }

        return null;
    }
}
