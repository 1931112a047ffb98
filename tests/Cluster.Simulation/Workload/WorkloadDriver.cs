using Cluster.Control.Certificates;
using Cluster.Control.Commands;
using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Simulation.Agents;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.Managers;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Testing.Histories;

namespace Cluster.Simulation.Workload;

/// <summary>What people do with the cluster: found it, join nodes, create, scale, change and remove services, drain, label and remove nodes.</summary>
internal sealed class WorkloadDriver
{
    private const int MostServices = 7;

    /// <summary>The leader takes a member that it has heard lately to be there; until it knows better nobody who looks demotes another.</summary>
    private static readonly TimeSpan LossIsSeenAfter = TimeSpan.FromSeconds(2);

    private readonly SimulationWorld _world;
    private readonly Random _random;
    private readonly Client _client;
    private readonly ServiceDrafts _drafts;
    private readonly SimulatedIssuer _issuer = new();
    private readonly JoinSecrets _secrets;
    private int _lastService;

    public WorkloadDriver(SimulationWorld world, Random random)
    {
        (_world, _random) = (world, random);
        _client = new Client(world, new Random(random.Next()));
        _drafts = new ServiceDrafts(new Random(random.Next()));
        _secrets = new JoinSecrets(world.Ids.Next(), world.Ids.Next());
    }

    /// <summary>Operations of services and nodes so far, without founding and joining.</summary>
    public int Operations { get; private set; }

    /// <summary>Promotions and demotions that have no answer yet.</summary>
    public int OpenRoleChanges { get; private set; }

    public bool IsQuiet => _client.Outstanding == 0;

    public void Start()
    {
        Found();
        foreach (AgentNode node in _world.Agents.Skip(1)) JoinLater(node, _random.OneIn(4) ? _random.Between(5, 120) : _random.Between(0.5, 10));
        PlanNext();
        PlanRead();
    }

    /// <summary>With a key of its own; asked again and again with the same key it stays one node.</summary>
    public void JoinLater(AgentNode node, TimeSpan delay) => _world.Queue.Schedule(delay, () =>
    {
        if (node.IsMember) return;
        bool isManager = node.Endpoint.Number < _world.Plan.Managers;
        AdmissionRequest request = new() { SubjectPublicKeyInfoDer = node.Key, TokenSecret = isManager ? _secrets.Manager : _secrets.Worker, Description = node.Description, Address = node.Name };
        _client.Issue(new Operation(
            "node.join",
            $"{node.Name} joins",
            default,
            tx => IdOf(Admit(tx, request), record => record.Id.Value),
            (view, id) => view.GetNode(new NodeId(id)) is not { } row || row.Certificate.PublicKeyDigest.AsSpan().SequenceEqual(PublicKeyDigest.Of(request.SubjectPublicKeyInfoDer.Span).AsSpan()))
        {
            IsStubborn = true,
            Effect = state => HistoryStep<ObjectState>.To(state.Spec is null ? new(new NodeSpec { Role = isManager ? NodeRole.Manager : NodeRole.Worker }) : state),
            Succeeded = id => node.Joined(new NodeId(id)),
        });
    });

    /// <summary>
    /// A forced new cluster has made workers of managers, also of one that has not heard yet that it is in: its people are told so, and take the
    /// other token.
    /// </summary>
    private Result<NodeRecord> Admit(WorkingTransaction transaction, AdmissionRequest request)
    {
        Result<NodeRecord> admitted = NodeAdmission.Admit(transaction, request, _issuer, _world.Ids);
        return admitted.Refusal is { Kind: RefusalKind.FailedPrecondition } && request.TokenSecret == _secrets.Manager
            ? NodeAdmission.Admit(transaction, request with { TokenSecret = _secrets.Worker }, _issuer, _world.Ids)
            : admitted;
    }

    /// <summary>A manager says which member of the group it is.</summary>
    public void Announce(NodeId node, ulong incarnation, ulong member, string address, Action ended) => _client.Issue(new Operation(
        "manager.announce",
        $"{address} announces itself as member {member:x}",
        default,
        tx => IdOf(ManagerCommands.Announce(tx, node, incarnation, new ManagerInfo(member, address)), record => record.Id.Value),
        (_, _) => true)
    {
        Ended = ended,
    });

    /// <summary>One manager is left: people make others, most of the time.</summary>
    public void ManagersLost()
    {
        foreach (ManagerMachine machine in _world.Managers.Where(m => m.Endpoint.Number < _world.Plan.Managers))
        {
            if (!_random.OneIn(3)) _world.Queue.Schedule(_random.Between(2, 40), () => Promote(machine));
        }
    }

    private void Promote(ManagerMachine machine)
    {
        if (_world.History.Head.GetNode(_world.AgentOf(machine).Id) is { Spec.Role: NodeRole.Worker } node) _client.Issue(ChangeRole(node));
    }

    /// <summary>The first node is the first manager's, and has an agent as every node.</summary>
    private void Found()
    {
        AgentNode first = _world.Agents[0];
        ClusterInit init = new()
        {
            ClusterId = new ClusterId(_world.Ids.Next()),
            Spec = _world.Plan.Cluster,
            Root = new RootAuthority([1, 2, 3], [4, 5, 6]),
            JoinSecrets = _secrets,
            NodeId = new NodeId(_world.Ids.Next()),
            PublicKeyDigest = PublicKeyDigest.Of(first.Key),
            CertificateDer = [.. first.Key],
            Description = first.Description,
            Manager = new ManagerInfo(_world.Managers[0].Member.Value, _world.Managers[0].Address),
        };
        _client.Issue(new Operation(
            "cluster.init", "found the cluster", default, tx => IdOf(ClusterCommands.Init(tx, init), _ => init.NodeId.Value), (view, id) => view.Cluster is not null && view.GetNode(new NodeId(id)) is not null)
        {
            IsStubborn = true,
            Effect = state => HistoryStep<ObjectState>.To(state.Spec is null ? new(init.NodeSpec with { Role = NodeRole.Manager }) : state),
            Succeeded = id => first.Joined(new NodeId(id)),
        });
    }

    private void PlanNext() => _world.Queue.Schedule(_random.Around(_world.Plan.OperationPeriod), () =>
    {
        if (_world.IsCalm) return;
        if (_world.History.Head.Cluster is not null && Draw(_world.History.Head) is { } operation)
        {
            Operations++;
            _client.Issue(operation);
        }

        PlanNext();
    });

    /// <summary>What the operator sees is the committed state, which may be another one when the operation arrives.</summary>
    private Operation? Draw(StoreSnapshot view)
    {
        ServiceRecord[] services = [.. view.Services.Where(s => !s.Removing)];
        NodeRecord[] nodes = [.. view.Nodes];
        ServiceRecord? service = services.Length == 0 ? null : _random.Pick(services);
        int dice = _random.Next(100);
        if (service is null || (dice < 22 && services.Length < MostServices)) return Create();
        return dice switch
        {
            < 50 => Scale(service),
            < 66 => Change(service),
            < 76 => Remove(service),
            < 80 when _world.Plan.ChangesMembers && Seated(view) is { } seated => ChangeRole(seated),
            < 82 when view.Cluster is { } cluster => ChangeSettings(cluster),
            < 97 => UpdateNode(_random.Pick(nodes)),
            _ => RemoveNode(_random.Pick(nodes)),
        };
    }

    private Operation Create()
    {
        ServiceSpec spec = _drafts.New($"svc{++_lastService}");
        return new Operation(
            ServiceCommands.CreateRequest.Operation,
            $"create {spec.Name} with {spec.Replicas} replicas of {spec.Container.Image}",
            NewRequest(),
            tx => IdOf(ServiceCommands.Create(tx, spec, _world.Ids), row => row.Id.Value),
            (view, id) => view.GetService(new ServiceId(id)) is { Removing: false } row && row.Spec == spec)
        {
            Effect = ObjectState.Becomes(spec),
        };
    }

    private Operation Scale(ServiceRecord service)
    {
        int replicas = _drafts.Replicas();
        return new Operation(
            ServiceCommands.ScaleRequest.Operation,
            $"scale {service.Spec.Name} to {replicas}",
            NewRequest(),
            tx => IdOf(ServiceCommands.Scale(tx, service.Id, replicas), row => row.Id.Value),
            (view, id) => view.GetService(new ServiceId(id))?.Spec.Replicas == replicas)
        {
            Object = service.Id.Value,
            Effect = ObjectState.Changes<ServiceSpec>(present => present with { Replicas = replicas }),
        };
    }

    private Operation Change(ServiceRecord service)
    {
        ServiceSpec spec = _drafts.Changed(service.Spec);
        return new Operation(
            ServiceCommands.UpdateRequest.Operation,
            $"update {service.Spec.Name} from v{service.Meta.Version}",
            NewRequest(),
            tx => IdOf(ServiceCommands.Update(tx, service.Id, service.Meta.Version, spec), row => row.Id.Value),
            (view, id) => view.GetService(new ServiceId(id))?.Spec == spec)
        {
            Object = service.Id.Value,
            Effect = ObjectState.Changes<ServiceSpec>(present => present == service.Spec ? spec : null),
        };
    }

    private Operation Remove(ServiceRecord service)
    {
        return new Operation(
            ServiceCommands.RemoveRequest.Operation,
            $"remove {service.Spec.Name}",
            NewRequest(),
            tx => IdOf(ServiceCommands.Remove(tx, service.Id), id => id.Value),
            (view, id) => view.GetService(new ServiceId(id)) is null or { Removing: true })
        {
            Object = service.Id.Value,
            Effect = ObjectState.Becomes(null),
        };
    }

    private Operation UpdateNode(NodeRecord node)
    {
        NodeAvailability availability = _random.OneIn(2) ? node.Spec.Availability : _random.Next(6) switch { 0 => NodeAvailability.Drain, 1 => NodeAvailability.Pause, _ => NodeAvailability.Active };
        Labels labels = _random.OneIn(2) ? node.Spec.Labels : node.Spec.Labels.With(ServiceDrafts.Zone, _random.Pick(ServiceDrafts.Zones));
        NodeSpec spec = node.Spec with { Availability = availability, Labels = labels };
        return new Operation(
            NodeCommands.UpdateRequest.Operation,
            $"update node {Short.Of(node.Id)} to {availability}, zone {labels.Get(ServiceDrafts.Zone)}",
            NewRequest(),
            tx => IdOf(NodeCommands.Update(tx, node.Id, node.Meta.Version, spec), row => row.Id.Value),
            (view, id) => view.GetNode(new NodeId(id))?.Spec == spec)
        {
            Object = node.Id.Value,
            Effect = ObjectState.Changes<NodeSpec>(present => present == node.Spec ? spec : null),
        };
    }

    private Operation ChangeSettings(ClusterRecord cluster)
    {
        ClusterSpec spec = cluster.Spec with { HeartbeatPeriod = TimeSpan.FromSeconds(_random.Next(1, 6)), TaskHistoryLimit = _random.Next(0, 6) };
        return new Operation(
            "cluster.update",
            $"change the cluster's heartbeat period to {spec.HeartbeatPeriod.TotalSeconds} s, its history to {spec.TaskHistoryLimit}",
            NewRequest(),
            tx => IdOf(ClusterCommands.Update(tx, cluster.Meta.Version, spec, []), row => row.Id.Value),
            (view, _) => view.Cluster?.Spec == spec);
    }

    /// <summary>A node that may be promoted or demoted.</summary>
    private NodeRecord? Seated(StoreSnapshot view)
    {
        ManagerMachine machine = _random.Pick(_world.Managers);
        return _world.Queue.Elapsed < _world.Group.LostAt + LossIsSeenAfter ? null : view.GetNode(_world.AgentOf(machine).Id);
    }

    private Operation ChangeRole(NodeRecord node)
    {
        NodeSpec spec = node.Spec with { Role = node.Spec.Role == NodeRole.Manager ? NodeRole.Worker : NodeRole.Manager };
        OpenRoleChanges++;
        return new Operation(
            NodeCommands.UpdateRequest.Operation,
            $"make node {Short.Of(node.Id)} a {spec.Role}",
            NewRequest(),
            tx => IdOf(NodeCommands.Update(tx, node.Id, node.Meta.Version, spec), row => row.Id.Value),
            (view, id) => view.GetNode(new NodeId(id))?.Spec == spec)
        {
            Object = node.Id.Value,
            Effect = ObjectState.Changes<NodeSpec>(present => present == node.Spec ? spec : null),
            Ended = () => OpenRoleChanges--,
        };
    }

    private Operation RemoveNode(NodeRecord node)
    {
        bool force = _random.OneIn(2);
        return new Operation(
            NodeCommands.RemoveRequest.Operation,
            $"remove node {Short.Of(node.Id)}{(force ? " by force" : "")}",
            NewRequest(),
            tx => IdOf(NodeCommands.Remove(tx, node.Id, force), id => id.Value),
            (view, id) => view.GetNode(new NodeId(id)) is null)
        {
            Object = node.Id.Value,
            Effect = ObjectState.Becomes(null),
        };
    }

    private void PlanRead() => _world.Queue.Schedule(_random.Around(_world.Plan.OperationPeriod), () =>
    {
        if (_world.IsCalm) return;
        StoreSnapshot view = _world.History.Head;
        ServiceRecord[] services = [.. view.Services];
        NodeRecord[] nodes = [.. view.Nodes];
        if (services.Length > 0 && !_random.OneIn(4)) Read(_random.Pick(services).Id);
        else if (nodes.Length > 0) Read(_random.Pick(nodes).Id);
        PlanRead();
    });

    private void Read(ServiceId id) => _client.Read(id.Value, view => ObjectState.Of(view.GetService(id)));

    private void Read(NodeId id) => _client.Read(id.Value, view => ObjectState.Of(view.GetNode(id)));

    private RequestId NewRequest() => new(_world.Ids.Next());

    private static Result<UInt128> IdOf<T>(Result<T> result, Func<T, UInt128> id)
    {
        if (result.Refusal is { } refusal) return refusal;
        return id(result.Value);
    }
}
