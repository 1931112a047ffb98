namespace Grpc.Core;

/// <summary>The untyped part of a method's description.</summary>
public interface IMethod
{
    MethodType Type { get; }

    /// <summary>Package and service, as in <c>cluster.v1.Control</c>.</summary>
    string ServiceName { get; }

    string Name { get; }

    /// <summary>The path on the wire, as in <c>/cluster.v1.Control/CreateService</c>.</summary>
    string FullName { get; }
}
