using Cluster.Model.Specs;

namespace Cluster.Api.Codec;

/// <summary>Container specs. Texts that are null in the model are empty on the wire, and the other way round.</summary>
public static class ContainerCodec
{
    public static V1.ContainerSpec ToProto(this ContainerSpec model)
    {
        V1.ContainerSpec proto = new()
        {
            Image = model.Image,
            Command = { model.Command },
            Args = { model.Args },
            Env = { model.Env },
            Hostname = model.Hostname ?? "",
            WorkingDirectory = model.WorkingDirectory ?? "",
            User = model.User ?? "",
            Groups = { model.Groups },
            Labels = { model.Labels.Items },
            Mounts = { model.Mounts.Select(ToProto) },
            ReadOnlyRoot = model.ReadOnlyRoot,
            Tty = model.Tty,
            StopSignal = model.StopSignal ?? "",
            CapabilityAdd = { model.CapabilityAdd },
            CapabilityDrop = { model.CapabilityDrop },
            Hosts = { model.Hosts },
            DnsServers = { model.Dns.Servers },
            DnsSearch = { model.Dns.Search },
            DnsOptions = { model.Dns.Options },
            Sysctls = { model.Sysctls.Items },
            Ulimits = { model.Ulimits.Select(u => new V1.Ulimit { Name = u.Name, Soft = u.Soft, Hard = u.Hard }) },
            OomScoreAdj = model.OomScoreAdj,
        };
        if (model.Init is { } init) proto.Init = init;
        if (model.StopGracePeriod is { } grace) proto.StopGracePeriodTicks = grace.Ticks;
        return proto;
    }

    public static ContainerSpec ToModel(this V1.ContainerSpec proto) => new()
    {
        Image = proto.Image,
        Command = FieldReader.Texts(proto.Command),
        Args = FieldReader.Texts(proto.Args),
        Env = FieldReader.Texts(proto.Env),
        Hostname = FieldReader.TextOrNull(proto.Hostname),
        WorkingDirectory = FieldReader.TextOrNull(proto.WorkingDirectory),
        User = FieldReader.TextOrNull(proto.User),
        Groups = FieldReader.Texts(proto.Groups),
        Labels = FieldReader.Map(proto.Labels),
        Mounts = FieldReader.List(proto.Mounts, "mounts", ToModel),
        ReadOnlyRoot = proto.ReadOnlyRoot,
        Init = proto.HasInit ? proto.Init : null,
        Tty = proto.Tty,
        StopSignal = FieldReader.TextOrNull(proto.StopSignal),
        StopGracePeriod = proto.HasStopGracePeriodTicks ? TimeSpan.FromTicks(proto.StopGracePeriodTicks) : null,
        CapabilityAdd = FieldReader.Texts(proto.CapabilityAdd),
        CapabilityDrop = FieldReader.Texts(proto.CapabilityDrop),
        Hosts = FieldReader.Texts(proto.Hosts),
        Dns = new DnsSpec
        {
            Servers = FieldReader.Texts(proto.DnsServers),
            Search = FieldReader.Texts(proto.DnsSearch),
            Options = FieldReader.Texts(proto.DnsOptions),
        },
        Sysctls = FieldReader.Map(proto.Sysctls),
        Ulimits = FieldReader.List(proto.Ulimits, "ulimits", u => new Ulimit(u.Name, u.Soft, u.Hard)),
        OomScoreAdj = proto.OomScoreAdj,
    };

    public static V1.Mount ToProto(this Mount model)
    {
        V1.Mount proto = new()
        {
            Type = model.Type.ToProto(),
            Source = model.Source,
            Target = model.Target,
            ReadOnly = model.ReadOnly,
            Propagation = model.Propagation ?? "",
            NoCopy = model.NoCopy,
            TmpfsSizeBytes = model.TmpfsSizeBytes,
        };
        if (model.TmpfsMode is { } mode) proto.TmpfsMode = mode;
        return proto;
    }

    public static Mount ToModel(this V1.Mount proto) => new()
    {
        Type = proto.Type.ToModel("type"),
        Source = proto.Source,
        Target = proto.Target,
        ReadOnly = proto.ReadOnly,
        Propagation = FieldReader.TextOrNull(proto.Propagation),
        NoCopy = proto.NoCopy,
        TmpfsSizeBytes = proto.TmpfsSizeBytes,
        TmpfsMode = proto.HasTmpfsMode ? proto.TmpfsMode : null,
    };
}
