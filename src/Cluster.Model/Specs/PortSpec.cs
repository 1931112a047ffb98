using Cluster.Model.States;

namespace Cluster.Model.Specs;

/// <summary>A container port that is reachable from outside. A published port of 0 asks for a free one of 30000-32767.</summary>
public sealed record PortSpec(PortProtocol Protocol, int TargetPort, int PublishedPort, PublishMode Mode);
