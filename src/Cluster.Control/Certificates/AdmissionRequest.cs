using Cluster.Model.Objects;
using Cluster.Model.States;

namespace Cluster.Control.Certificates;

/// <summary>A node that wants to join with a token.</summary>
public sealed record AdmissionRequest
{
    /// <summary>DER; the caller of the command has checked that the node holds the private key.</summary>
    public required ReadOnlyMemory<byte> SubjectPublicKeyInfoDer { get; init; }

    /// <summary>The token's secret half.</summary>
    public required UInt128 TokenSecret { get; init; }

    public NodeAvailability Availability { get; init; } = NodeAvailability.Active;

    public NodeDescription Description { get; init; } = new();

    public string Address { get; init; } = "";

    public override string ToString() => $"admission of {Description.Hostname}";
}
