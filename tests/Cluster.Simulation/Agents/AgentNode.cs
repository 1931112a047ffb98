using System.Buffers.Binary;
using Cluster.Agent.Runtime;
using Cluster.Agent.Sessions;
using Cluster.Agent.Tasks;
using Cluster.Control.Certificates;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.World;
using Cluster.Testing.Agent;

namespace Cluster.Simulation.Agents;

/// <summary>
/// A machine with an agent: joins, runs what it is told, and when it finds itself removed from the cluster, leaves and joins as a new node.
/// </summary>
internal sealed class AgentNode
{
    private readonly SimulationWorld _world;
    private readonly AgentLink _link;
    private readonly Random _random;
    private SimulatedAgent? _agent;
    private SimulatedMachine _machine = new();
    private bool _isEndedFromOutside;
    private int _lives;

    public AgentNode(SimulationWorld world, int number)
    {
        _world = world;
        _random = new Random(world.Random.Next());
        Endpoint = new Endpoint(IsManager: false, number);
        Name = Endpoint.ToString();
        Description = new NodeDescription
        {
            Hostname = $"host{number}",
            Os = "linux",
            Architecture = "amd64",
            Resources = new Resources(_random.Next(1, 9) * 1_000_000_000L, _random.Next(1, 17) * (1L << 30)),
        };
        _link = new AgentLink(world, this);
    }

    public Endpoint Endpoint { get; }

    public string Name { get; }

    public NodeDescription Description { get; }

    /// <summary>None until it has joined, and between two memberships.</summary>
    public NodeId Id { get; private set; }

    public bool IsMember => !Id.IsNone;

    public bool IsRunning => _agent is { IsRunning: true };

    public bool HasSession => _link.HasSession;

    public SimulatedMachine Machine => _machine;

    public AgentCore Core => _agent!.Core;

    /// <summary>A key of its own for each membership.</summary>
    public byte[] Key
    {
        get
        {
            byte[] key = new byte[16];
            BinaryPrimitives.WriteInt32BigEndian(key, Endpoint.Number + 1);
            BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(4), _lives);
            return key;
        }
    }

    public void Joined(NodeId id)
    {
        if (IsMember) return;
        Id = id;
        _world.Trace.Line(Name, $"is node {Short.Of(id)}");
        _machine = new SimulatedMachine();
        _machine.Ended += (taskId, _) =>
        {
            if (!_isEndedFromOutside) _world.MachineChecks.EndedByAgent(this, taskId);
        };
        _machine.Started += taskId => _world.MachineChecks.Started(this, taskId);
        _agent = new SimulatedAgent(
            new AgentCoreOptions { NodeId = id, Hostname = Description.Hostname, ParallelStarts = _random.Next(1, 5) }, _machine, _world.Queue, new Random(_random.Next()))
        {
            Faults = _world.MachineFaults,
        };
        _agent.Said += _link.Say;
        _agent.Closed += (session, reason) =>
        {
            _world.Trace.Line(Name, $"gives up its session: {reason}");
            _link.Close(session);
        };
        Start();
    }

    public void Start()
    {
        if (_agent is null || _agent.IsRunning) return;
        _agent.Start();
        _link.Start();
    }

    /// <summary>The agent dies; containers go on.</summary>
    public void Kill(bool losesState)
    {
        if (!IsRunning) return;
        _world.Trace.Line(Name, losesState ? "agent dies and loses its state" : "agent dies");
        _agent!.Kill(losesState);

        // After it: what was under way has reached the runtime.
        if (losesState) _world.MachineChecks.StateLost(this);
        _link.Stop();
    }

    /// <summary>The machine dies: processes are gone, what is on its disk stays.</summary>
    public void LosePower()
    {
        if (_agent is null) return;
        Kill(losesState: false);
        _world.Trace.Line(Name, "loses power");
        _machine.Restart();
    }

    public void ResetConnection() => _link.Reset();

    public void SetFaults(SimulatedFaults faults)
    {
        if (_agent is not null) _agent.Faults = faults;
    }

    /// <summary>A container ends by itself.</summary>
    public void EndContainer(TaskId taskId, int exitCode, bool outOfMemory)
    {
        _world.Trace.Line(Name, $"container of {Short.Of(taskId)} ends by itself with {exitCode}");
        _isEndedFromOutside = true;
        _machine.End(taskId, new ContainerExit(exitCode, new DateTimeOffset(_world.Queue.Now.Ticks, TimeSpan.Zero), outOfMemory));
        _isEndedFromOutside = false;
    }

    public SessionHello Hello() => _agent!.Hello(Description);

    public void Give(AgentEvent happened) => _agent?.Give(happened);

    /// <summary>Every manager says that this node was removed. Its operator lets it leave, which removes everything, and join again.</summary>
    public void Refused()
    {
        _world.Trace.Line(Name, "was removed from the cluster: leaves");
        _world.Counts.Add("agent: left after removal");
        CollectCounts();
        _agent!.Kill(losesState: true);
        _link.Stop();
        _agent = null;
        Id = default;
        _lives++;
        _world.Workload.JoinLater(this, _random.Between(1, 20));
    }

    /// <summary>Leaves whatever it was part of; its node is a new one from now on, the first of a cluster that is restored.</summary>
    public NodeRecord BeginAnew(ManagerInfo manager)
    {
        CollectCounts();
        _agent?.Kill(losesState: true);
        _link.Stop();
        _agent = null;
        Id = default;
        _lives++;
        return new NodeRecord
        {
            Id = new NodeId(_world.Ids.Next()),
            Spec = new NodeSpec { Role = NodeRole.Manager },
            Description = Description,
            Certificate = new NodeCertificate(PublicKeyDigest.Of(Key), [.. Key], NodeRole.Manager),
            Manager = manager,
        };
    }

    public void CollectCounts()
    {
        if (_agent is null) return;
        foreach ((string what, int times) in _agent.Counts) _world.Counts.Add($"agent: {what}", times);
        _agent.Counts.Clear();
    }
}
