using Cluster.Api.V1;

namespace Cluster.UnitTests.Cli.Fakes;

/// <summary>Messages as a manager sends them.</summary>
internal static class Records
{
    public const string M1 = "0000000000000000000000m10";
    public const string W1 = "0000000000000000000000w10";
    public const string ServiceId = "00000000000000000000000s1";
    public const string TemplateId = "00000000000000000000000t1";

    public static long Ago(TimeSpan age) => TimeProvider.System.GetUtcNow().UtcTicks - age.Ticks;

    public static Cluster.Api.V1.Node Node(string id, string host, NodeRole role = NodeRole.Worker, bool leader = false) => new()
    {
        Id = id,
        Meta = new Meta { Version = 4 },
        Spec = new NodeSpec { Role = role, Availability = NodeAvailability.Active, Labels = { ["disk"] = "ssd" } },
        Description = new NodeDescription { Hostname = host, EngineVersion = "0.1.0", Os = "linux", Architecture = "amd64" },
        Status = new NodeStatus { State = NodeState.Ready, Address = "192.0.2.1" },
        Certificate = new NodeCertificate { Role = role },
        Manager = role == NodeRole.Manager ? new ManagerInfo { Address = "192.0.2.1:2377" } : null,
        Leader = leader,
    };

    public static Service Service(ServiceSpec spec) => new() { Id = ServiceId, Meta = new Meta { Version = 7 }, Spec = spec, TemplateId = TemplateId };

    public static Service Web(int replicas = 2) => Service(new ServiceSpec
    {
        Name = "web",
        Replicas = replicas,
        Container = new ContainerSpec { Image = "lab/web:1" },
        Mode = ServiceMode.Replicated,
        Ports = { new PortSpec { TargetPort = 80, PublishedPort = 8080, Mode = PublishMode.Host } },
    });

    public static Cluster.Api.V1.Task Task(int number, int slot, TaskState state, TaskState desired = TaskState.Running, string error = "") => new()
    {
        Id = $"00000000000000000000000a{number}",
        Meta = new Meta { CreatedVersion = (ulong)number, Version = (ulong)number },
        ServiceId = ServiceId,
        Slot = slot,
        TemplateId = TemplateId,
        NodeId = W1,
        DesiredState = desired,
        Status = new Cluster.Api.V1.TaskStatus { State = state, SinceTicks = Ago(TimeSpan.FromMinutes(5)), Error = error },
    };
}
