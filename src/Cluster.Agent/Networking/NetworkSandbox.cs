using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;

namespace Cluster.Agent.Networking;

public sealed record NetworkRequest(TaskId TaskId, NetworkMode Mode, ValueList<HostPort> HostPorts);

/// <summary>
/// Where the container's network is. <paramref name="NamespacePath"/> is null for the host's namespace; for <see cref="NetworkMode.None"/>
/// it is a namespace with only a loopback device. <paramref name="Nameservers"/> go into resolv.conf unless the spec names its own.
/// </summary>
public sealed record NetworkSandbox(NetworkMode Mode, string? NamespacePath, ValueList<string> Addresses, ValueList<string> Nameservers);
