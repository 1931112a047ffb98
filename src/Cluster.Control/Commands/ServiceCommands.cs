using Cluster.Model;
using Cluster.Model.Hashing;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Model.Specs;
using Cluster.Model.States;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>What the API's calls on services do. A refused command has written nothing.</summary>
public static class ServiceCommands
{
    public static readonly RequestKind<ServiceRecord> CreateRequest = new("service.create", s => s.Id.Value, (view, id) => Find(view, id, "was created by this request and removed since"));
    public static readonly RequestKind<ServiceRecord> UpdateRequest = new("service.update", s => s.Id.Value, (view, id) => Find(view, id, "was removed since"));
    public static readonly RequestKind<ServiceRecord> ScaleRequest = new("service.scale", s => s.Id.Value, (view, id) => Find(view, id, "was removed since"));
    public static readonly RequestKind<ServiceId> RemoveRequest = new("service.remove", id => id.Value, (_, id) => new ServiceId(id));

    public static Result<ServiceRecord> Create(WorkingTransaction transaction, ServiceSpec spec, IIdSource ids)
    {
        if (ServiceChecks.Refuse(spec) is { } refusal) return refusal;
        if (transaction.FindServiceByName(spec.Name) is { } namesake)
        {
            return namesake.Removing
                ? Refusal.AlreadyExists($"service {spec.Name} is still being removed; try again when its tasks have stopped")
                : Refusal.AlreadyExists($"name conflicts with an existing object: service {spec.Name} already exists");
        }

        TaskTemplate template = TaskTemplates.From(spec);
        if (transaction.GetTemplate(template.Id) is null) transaction.Put(template);
        ServiceId id = new(ids.Next());
        transaction.Put(new ServiceRecord { Id = id, Spec = spec, SpecVersion = transaction.NextVersion, Template = template.Id });
        return transaction.GetService(id)!;
    }

    /// <summary>
    /// Changes what can change without replacing tasks: labels, replicas, restart policy, placement. <paramref name="version"/> is the
    /// service's version that the new spec was made from.
    /// </summary>
    public static Result<ServiceRecord> Update(WorkingTransaction transaction, ServiceId id, ulong version, ServiceSpec spec)
    {
        Result<ServiceRecord> found = FindPresent(transaction, id);
        if (!found.IsOk) return found;
        ServiceRecord service = found.Value;
        if (service.Meta.Version != version) return OutOfSequence("service", service.Spec.Name, service.Meta.Version, version);
        if (spec.Name != service.Spec.Name) return Refusal.Unsupported("renaming services is not supported; create a new one and remove this one");
        if (spec.Mode != service.Spec.Mode) return Refusal.Unsupported("service mode change is not allowed; remove the service and create it anew");
        if (ServiceChecks.Refuse(spec) is { } refusal) return refusal;
        if (TaskTemplates.IdOf(spec) != service.Template)
        {
            return Refusal.Unsupported(
                $"service {spec.Name} cannot be changed yet in a way that needs new containers (image, command, environment, mounts, ports, " +
                "resources, ...); remove it and create it anew. Labels, replicas, restart policy and placement can be changed");
        }

        return Change(transaction, service, spec);
    }

    /// <summary>Sets the number of replicas, whatever else has changed meanwhile.</summary>
    public static Result<ServiceRecord> Scale(WorkingTransaction transaction, ServiceId id, int replicas)
    {
        Result<ServiceRecord> found = FindPresent(transaction, id);
        if (!found.IsOk) return found;
        if (found.Value.Spec.Mode != ServiceMode.Replicated) return Refusal.Invalid($"service {found.Value.Spec.Name}: scale can only be used with replicated mode");
        ServiceSpec spec = found.Value.Spec with { Replicas = replicas };
        return ServiceChecks.Refuse(spec) is { } refusal ? refusal : Change(transaction, found.Value, spec);
    }

    /// <summary>The row stays, marked as being removed, until the last task is gone. Removing it twice is no error.</summary>
    public static Result<ServiceId> Remove(WorkingTransaction transaction, ServiceId id)
    {
        if (transaction.GetService(id) is not { } service) return Lookup.NotFound("service", id.ToString());
        if (!service.Removing) transaction.Put(service with { Removing = true });
        return id;
    }

    internal static Refusal OutOfSequence(string noun, string name, ulong present, ulong given) => new(
        RefusalKind.OutOfSequence,
        $"update out of sequence: {noun} {name} is at version {present}, the change was made from version {given}; read it again and repeat the change");

    private static Result<ServiceRecord> FindPresent(StoreView view, ServiceId id)
    {
        if (view.GetService(id) is not { } service) return Lookup.NotFound("service", id.ToString());
        return service.Removing ? Refusal.FailedPrecondition($"service {service.Spec.Name} is being removed and cannot be changed") : service;
    }

    private static Result<ServiceRecord> Change(WorkingTransaction transaction, ServiceRecord service, ServiceSpec spec)
    {
        if (spec != service.Spec) transaction.Put(service with { Spec = spec, SpecVersion = transaction.NextVersion });
        return transaction.GetService(service.Id)!;
    }

    private static Result<ServiceRecord> Find(StoreView view, UInt128 id, string otherwise) =>
        view.GetService(new ServiceId(id)) is { } service ? service : Refusal.NotFound($"service {new ServiceId(id)} {otherwise}");
}
