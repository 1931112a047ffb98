using System.Net;
using Cluster.Model.States;

namespace Cluster.Network.Forwarding;

/// <summary>A port of this node that is forwarded to a container.</summary>
internal readonly record struct PortForward(PortProtocol Protocol, int Port, IPAddress Address, int TargetPort);
