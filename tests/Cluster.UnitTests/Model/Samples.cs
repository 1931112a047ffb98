using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Model.Time;
using TaskStatus = Cluster.Model.Objects.TaskStatus;

namespace Cluster.UnitTests.Model;

/// <summary>One of each object with every field set, for golden bytes: never change one, add others.</summary>
internal static class Samples
{
    private static readonly ObjectMeta Meta = new(3, 7, new ClusterTime(638_000_000_000_000_000), new ClusterTime(638_000_000_100_000_000));
    private static readonly Labels Some = Labels.From([new("b", "2"), new("a", "1")]);

    public static readonly ClusterRecord Cluster = new()
    {
        Id = new ClusterId(11),
        Meta = Meta,
        Spec = new ClusterSpec { TaskHistoryLimit = 4, HeartbeatPeriod = TimeSpan.FromSeconds(3), OrphanAfter = TimeSpan.FromHours(2) },
        Root = new RootAuthority([1, 2, 3], [4, 5, 6]),
        JoinSecrets = new JoinSecrets(21, 22),
        FeatureLevel = 1,
    };

    public static readonly ClusterRecord LockedCluster = Cluster with
    {
        Spec = Cluster.Spec with { Autolock = true },
        Lock = new ClusterLock(4, [.. Enumerable.Repeat((byte)9, 32)]),
    };

    public static readonly NodeRecord Node = new()
    {
        Id = new NodeId(31),
        Meta = Meta,
        Spec = new NodeSpec { Labels = Some, Role = NodeRole.Manager, Availability = NodeAvailability.Drain },
        Description = new NodeDescription
        {
            Hostname = "m1",
            Os = "linux",
            Architecture = "amd64",
            Resources = new Resources(2_000_000_000, 1 << 30),
            EngineVersion = "0.1.0",
            EngineLabels = Some,
        },
        Status = new NodeStatus { State = NodeState.Ready, Message = "ok", Address = "192.0.2.1", Since = new ClusterTime(5) },
        Certificate = new NodeCertificate([7, 8], [9], NodeRole.Manager),
        Manager = new ManagerInfo(77, "192.0.2.1:2377"),
    };

    public static readonly ServiceRecord Service = new()
    {
        Id = new ServiceId(41),
        Meta = Meta,
        Spec = new ServiceSpec
        {
            Name = "web",
            Labels = Some,
            Replicas = 3,
            Container = new ContainerSpec
            {
                Image = "lab/web:1",
                Command = ["/bin/sh"],
                Args = ["-c", "true"],
                Env = ["A=1"],
                Hostname = "h",
                WorkingDirectory = "/srv",
                User = "1000:1000",
                Groups = ["audio"],
                Labels = Some,
                Mounts = [new Mount { Type = MountType.Tmpfs, Target = "/t", TmpfsSizeBytes = 4096, TmpfsMode = 511 }],
                ReadOnlyRoot = true,
                Init = true,
                Tty = true,
                StopSignal = "SIGINT",
                StopGracePeriod = TimeSpan.FromSeconds(20),
                CapabilityAdd = ["NET_ADMIN"],
                CapabilityDrop = ["CHOWN"],
                Hosts = ["db:192.0.2.9"],
                Dns = new DnsSpec { Servers = ["192.0.2.53"], Search = ["example.org"], Options = ["ndots:1"] },
                Sysctls = Labels.From([new("net.core.somaxconn", "512")]),
                Ulimits = [new Ulimit("nofile", 1024, 2048)],
                OomScoreAdj = -5,
            },
            Resources = new ResourceRequirements { Limits = new Resources(500_000_000, 64 << 20), Reservations = new Resources(1, 2), PidsLimit = 100 },
            Restart = new RestartPolicy { Condition = RestartCondition.OnFailure, Delay = TimeSpan.FromSeconds(1), MaxAttempts = 2, Window = TimeSpan.FromMinutes(1) },
            Placement = new Placement { Constraints = ["node.role==worker"], SpreadOver = ["node.labels.rack"], MaxReplicasPerNode = 2 },
            Network = NetworkMode.Bridge,
            Ports = [new PortSpec(PortProtocol.Tcp, 80, 8080, PublishMode.Host)],
            LogDriver = new LogDriver("json-file", Some),
            ForceUpdate = 1,
        },
        SpecVersion = 6,
        Template = new TemplateId(51),
        Removing = true,
    };

    public static readonly TaskTemplate Template = new()
    {
        Id = new TemplateId(51),
        Meta = Meta,
        Container = Service.Spec.Container,
        Resources = Service.Spec.Resources,
        Network = NetworkMode.Host,
        Ports = Service.Spec.Ports,
        LogDriver = Service.Spec.LogDriver,
        ForceUpdate = 1,
    };

    public static readonly TaskRecord Task = new()
    {
        Id = new TaskId(61),
        Meta = Meta,
        ServiceId = new ServiceId(41),
        Slot = 2,
        Template = new TemplateId(51),
        NodeId = new NodeId(31),
        DesiredState = TaskState.Shutdown,
        Status = new TaskStatus { State = TaskState.Failed, Since = new ClusterTime(9), Message = "m", Error = "e", ExitCode = 0, Pid = 4242 },
        StartAfter = new ClusterTime(10),
        HostPorts = [new HostPort(PortProtocol.Udp, 53, 30000)],
    };

    public static readonly PortClaim PortClaim = new(new PortClaimKey(new NodeId(31), PortProtocol.Udp, 30000), new TaskId(61));

    public static readonly RestartHistory RestartHistory = new(new SlotKey(new ServiceId(41), 2, default), [new ClusterTime(1), new ClusterTime(300)]);

    public static readonly RequestRecord Request = new(new RequestId(71), new ClusterTime(12), "service.create", 41);

    public static readonly TaskAssignment Assignment = new()
    {
        TaskId = new TaskId(61),
        ServiceId = new ServiceId(41),
        ServiceName = "web",
        ServiceLabels = Some,
        Slot = 2,
        Template = Template,
        HostPorts = [new HostPort(PortProtocol.Udp, 53, 30000)],
    };

    public static readonly IReadOnlyDictionary<string, object> Rows = new SortedDictionary<string, object>(StringComparer.Ordinal)
    {
        ["cluster"] = Cluster,
        ["cluster-locked"] = LockedCluster,
        ["node"] = Node,
        ["service"] = Service,
        ["template"] = Template,
        ["task"] = Task,
        ["port-claim"] = PortClaim,
        ["restart-history"] = RestartHistory,
        ["request"] = Request,
    };
}
