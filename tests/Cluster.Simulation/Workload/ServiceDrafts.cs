using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Simulation.World;
using Cluster.Testing.Agent;

namespace Cluster.Simulation.Workload;

/// <summary>Random services, and random changes of what can be changed in place.</summary>
internal sealed class ServiceDrafts(Random random)
{
    public const string Zone = "zone";
    public static readonly string[] Zones = ["a", "b", "c"];

    public ServiceSpec New(string name) => new()
    {
        Name = name,
        Replicas = Replicas(),
        Container = new ContainerSpec { Image = random.OneIn(15) ? SimulatedMachine.MissingImage : "web:1", Env = [$"N={random.Next(3)}"] },
        Resources = new ResourceRequirements { Reservations = random.OneIn(2) ? default : new Resources(random.Next(1, 15) * 100_000_000L, random.Next(1, 32) * (64L << 20)) },
        Restart = Restart(),
        Placement = Placement(),
        Ports = Ports(),
    };

    public int Replicas() => random.OneIn(8) ? 0 : random.OneIn(15) ? random.Next(6, 25) : random.Next(1, 5);

    public ServiceSpec Changed(ServiceSpec spec) => random.Next(5) switch
    {
        0 => spec with { Labels = spec.Labels.With("tier", $"{random.Next(4)}") },
        1 => spec with { Restart = Restart() },
        2 => spec with { Replicas = Replicas() },
        _ => spec with { Placement = Placement() },
    };

    private RestartPolicy Restart() => new()
    {
        Condition = random.OneIn(5) ? RestartCondition.None : random.OneIn(4) ? RestartCondition.OnFailure : RestartCondition.Any,
        Delay = random.Pick([TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)]),
        MaxAttempts = random.OneIn(4) ? random.Next(1, 5) : 0,
        Window = random.OneIn(2) ? TimeSpan.Zero : random.Between(5, 60),
    };

    private Placement Placement() => new()
    {
        Constraints = random.OneIn(3) ? [$"node.labels.{Zone}=={random.Pick(Zones)}"] : random.OneIn(6) ? [$"node.labels.{Zone}!={random.Pick(Zones)}"] : [],
        SpreadOver = random.OneIn(5) ? [$"node.labels.{Zone}"] : [],
        MaxReplicasPerNode = random.OneIn(6) ? random.Next(1, 4) : 0,
    };

    private ValueList<PortSpec> Ports()
    {
        if (!random.OneIn(4)) return [];
        PortSpec port = new(PortProtocol.Tcp, 80, random.OneIn(3) ? 0 : 8080 + random.Next(4), PublishMode.Host);
        return random.OneIn(3) ? [port, new PortSpec(PortProtocol.Udp, 53, 0, PublishMode.Host)] : [port];
    }
}
