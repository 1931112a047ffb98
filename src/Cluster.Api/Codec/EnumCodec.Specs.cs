using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Api.Codec;

/// <summary>
/// Enumerations, value by value, so that neither side's numbers decide about the other's. "Unspecified" is the default where
/// Swarm has one and a silent default does no harm, else it is refused.
/// </summary>
public static partial class EnumCodec
{
    public static V1.ServiceMode ToProto(this ServiceMode value) => value switch
    {
        ServiceMode.Replicated => V1.ServiceMode.Replicated,
        ServiceMode.Global => V1.ServiceMode.Global,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static ServiceMode ToModel(this V1.ServiceMode value, string field) => value switch
    {
        V1.ServiceMode.Replicated => ServiceMode.Replicated,
        V1.ServiceMode.Global => ServiceMode.Global,
        V1.ServiceMode.Unspecified => ServiceMode.Replicated,
        _ => throw Unknown(field, (int)value, "replicated, global"),
    };

    public static V1.MountType ToProto(this MountType value) => value switch
    {
        MountType.Bind => V1.MountType.Bind,
        MountType.Volume => V1.MountType.Volume,
        MountType.Tmpfs => V1.MountType.Tmpfs,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static MountType ToModel(this V1.MountType value, string field) => value switch
    {
        V1.MountType.Bind => MountType.Bind,
        V1.MountType.Volume => MountType.Volume,
        V1.MountType.Tmpfs => MountType.Tmpfs,
        _ => throw Unknown(field, (int)value, "bind, volume, tmpfs"),
    };

    public static V1.PortProtocol ToProto(this PortProtocol value) => value switch
    {
        PortProtocol.Tcp => V1.PortProtocol.Tcp,
        PortProtocol.Udp => V1.PortProtocol.Udp,
        PortProtocol.Sctp => V1.PortProtocol.Sctp,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static PortProtocol ToModel(this V1.PortProtocol value, string field) => value switch
    {
        V1.PortProtocol.Tcp => PortProtocol.Tcp,
        V1.PortProtocol.Udp => PortProtocol.Udp,
        V1.PortProtocol.Sctp => PortProtocol.Sctp,
        V1.PortProtocol.Unspecified => PortProtocol.Tcp,
        _ => throw Unknown(field, (int)value, "tcp, udp, sctp"),
    };

    public static V1.PublishMode ToProto(this PublishMode value) => value switch
    {
        PublishMode.Ingress => V1.PublishMode.Ingress,
        PublishMode.Host => V1.PublishMode.Host,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static PublishMode ToModel(this V1.PublishMode value, string field) => value switch
    {
        V1.PublishMode.Ingress => PublishMode.Ingress,
        V1.PublishMode.Host => PublishMode.Host,
        V1.PublishMode.Unspecified => PublishMode.Ingress,
        _ => throw Unknown(field, (int)value, "ingress, host"),
    };

    public static V1.RestartCondition ToProto(this RestartCondition value) => value switch
    {
        RestartCondition.None => V1.RestartCondition.None,
        RestartCondition.OnFailure => V1.RestartCondition.OnFailure,
        RestartCondition.Any => V1.RestartCondition.Any,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static RestartCondition ToModel(this V1.RestartCondition value, string field) => value switch
    {
        V1.RestartCondition.None => RestartCondition.None,
        V1.RestartCondition.OnFailure => RestartCondition.OnFailure,
        V1.RestartCondition.Any => RestartCondition.Any,
        V1.RestartCondition.Unspecified => RestartCondition.Any,
        _ => throw Unknown(field, (int)value, "none, on-failure, any"),
    };

    public static V1.NetworkMode ToProto(this NetworkMode value) => value switch
    {
        NetworkMode.Bridge => V1.NetworkMode.Bridge,
        NetworkMode.Host => V1.NetworkMode.Host,
        NetworkMode.None => V1.NetworkMode.None,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "unknown value"),
    };

    public static NetworkMode ToModel(this V1.NetworkMode value, string field) => value switch
    {
        V1.NetworkMode.Bridge => NetworkMode.Bridge,
        V1.NetworkMode.Host => NetworkMode.Host,
        V1.NetworkMode.None => NetworkMode.None,
        V1.NetworkMode.Unspecified => NetworkMode.Bridge,
        _ => throw Unknown(field, (int)value, "bridge, host, none"),
    };

    private static CodecException Unknown(string field, int value, string allowed) =>
        new(field, value == 0 ? $"is missing; allowed are {allowed}" : $"{value} is not a known value; allowed are {allowed}");
}
