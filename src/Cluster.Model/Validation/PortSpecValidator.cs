using Cluster.Model.Parsing;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Model.Validation;

/// <summary>Published ports: ranges, duplicates, and what has no meaning.</summary>
internal static class PortSpecValidator
{
    public static Refusal? Validate(ValueList<PortSpec> ports, NetworkMode network)
    {
        if (ports.IsEmpty) return null;
        if (ports.Count > SpecLimits.MaxItems) return Refusal.Invalid($"{ports.Count} published ports are too many (at most {SpecLimits.MaxItems})");
        if (network != NetworkMode.Bridge)
            return Refusal.Invalid($"ports cannot be published with network {network.ToString().ToLowerInvariant()}: leave out --publish or use network bridge");
        HashSet<(PortProtocol, int)> published = [];
        foreach (PortSpec port in ports)
        {
            Refusal? refusal = Validate(port);
            if (refusal is null && port.PublishedPort > 0 && !published.Add((port.Protocol, port.PublishedPort)))
                refusal = Refusal.Invalid($"port {port.PublishedPort}/{PortSyntax.Name(port.Protocol)} is published twice");
            if (refusal is not null) return refusal;
        }

        return null;
    }

    private static Refusal? Validate(PortSpec port)
    {
        if (port.TargetPort is < PortSyntax.FirstPort or > PortSyntax.LastPort)
            return Refusal.Invalid($"target port {port.TargetPort} is not allowed: {PortSyntax.FirstPort} to {PortSyntax.LastPort}");
        if (port.PublishedPort is < 0 or > PortSyntax.LastPort)
            return Refusal.Invalid($"published port {port.PublishedPort} is not allowed: {PortSyntax.FirstPort} to {PortSyntax.LastPort}, or none for a free one");
        if (port.Mode != PublishMode.Ingress) return null;
        string example = $"{(port.PublishedPort > 0 ? $"published={port.PublishedPort}," : "")}target={port.TargetPort},protocol={PortSyntax.Name(port.Protocol)},mode=host";
        return Refusal.Unsupported($"port {port.TargetPort}: the ingress mesh is not built yet; publish on the task's node with --publish {example}");
    }
}
