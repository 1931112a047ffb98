using System.Net;
using Cluster.Model.Ids;

namespace Cluster.Manager.Security;

/// <summary>Who calls: root on a manager's machine, a node or a person with a certificate, or nobody in particular.</summary>
internal sealed record Caller
{
    public const string NodePrefix = "node:";
    public const string UserPrefix = "user:";
    public const string LocalPrefix = "local:";

    /// <summary>The manager on whose machine root called.</summary>
    public NodeId? LocalNode { get; init; }

    public NodeId? NodeId { get; init; }

    /// <summary>The node's certificate is of a former root: it may renew it, and nothing else.</summary>
    public bool IsOutdated { get; init; }

    /// <summary>A person, by the name in the certificate.</summary>
    public string? User { get; init; }

    /// <summary>Where the call came from, as the manager that took it saw it.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Another manager took the call and handed it on.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>What the log says about who asked for a change.</summary>
    public string Actor => LocalNode is { } machine ? $"{LocalPrefix}{machine}" : NodeId is { } node ? $"{NodePrefix}{node}" : User is { } user ? $"{UserPrefix}{user}" : "anonymous";
}
