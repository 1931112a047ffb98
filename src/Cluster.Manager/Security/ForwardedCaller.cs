using System.Net;
using Cluster.Model.Ids;
using Grpc.Core;

namespace Cluster.Manager.Security;

/// <summary>How a manager that hands a call on says who made it. Believed from managers only.</summary>
internal static class ForwardedCaller
{
    private const string CallerHeader = "cluster-caller";
    private const string AddressHeader = "cluster-caller-address";
    private const string OutdatedHeader = "cluster-caller-outdated";

    public static Metadata ToHeaders(Caller caller)
    {
        Metadata headers = new() { { CallerHeader, caller.Actor } };
        if (caller.Address is { } address) headers.Add(AddressHeader, address.ToString());
        if (caller.IsOutdated) headers.Add(OutdatedHeader, "1");
        return headers;
    }

    /// <summary>Null: the call was not handed on.</summary>
    public static Caller? Read(Metadata headers)
    {
        if (headers.GetValue(CallerHeader) is not { } actor) return null;
        IPAddress? address = IPAddress.TryParse(headers.GetValue(AddressHeader), out IPAddress? parsed) ? parsed : null;
        Caller caller = new() { Address = address, IsForwarded = true, IsOutdated = headers.GetValue(OutdatedHeader) is not null };
        if (NodeAfter(Caller.NodePrefix, actor) is { } node) return caller with { NodeId = node };
        if (NodeAfter(Caller.LocalPrefix, actor) is { } machine) return caller with { LocalNode = machine };
        if (actor.StartsWith(Caller.UserPrefix, StringComparison.Ordinal)) return caller with { User = actor[Caller.UserPrefix.Length..] };
        return caller;
    }

    private static NodeId? NodeAfter(string prefix, string actor) =>
        actor.StartsWith(prefix, StringComparison.Ordinal) && NodeId.TryParse(actor[prefix.Length..], out NodeId node) ? node : null;
}
