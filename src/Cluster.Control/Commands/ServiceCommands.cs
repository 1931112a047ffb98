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
    /// <summary>The name under which the answer to a request is kept; the submission must use the same.</summary>
    public const string CreateOperation = "service.create";
    public const string UpdateOperation = "service.update";
    public const string ScaleOperation = "service.scale";
    public const string RemoveOperation = "service.remove";

    public static Result<ServiceRecord> Create(WorkingTransaction transaction, ServiceSpec spec, RequestId request, IIdSource ids)
    {
        Result<UInt128?> replay = RequestReplay.Find(transaction, request, CreateOperation);
        if (replay.Refusal is { } misused) return misused;
        if (replay.Value is { } earlier) return Answer(transaction, new ServiceId(earlier), "was created by this request and removed since");
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
        RequestReplay.Record(transaction, request, CreateOperation, id.Value);
        return transaction.GetService(id)!;
    }

    /// <summary>
    /// Changes what can change without replacing tasks: labels, replicas, restart policy, placement. <paramref name="version"/> is the
    /// service's version that the new spec was made from.
    /// </summary>
    public static Result<ServiceRecord> Update(WorkingTransaction transaction, ServiceId id, ulong version, ServiceSpec spec, RequestId request)
    {
        Result<UInt128?> replay = RequestReplay.Find(transaction, request, UpdateOperation);
        if (replay.Refusal is { } misused) return misused;
        if (replay.Value is not null) return Answer(transaction, id, "was removed since");
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

        return Change(transaction, service, spec, request, UpdateOperation);
    }

    /// <summary>Sets the number of replicas, whatever else has changed meanwhile.</summary>
    public static Result<ServiceRecord> Scale(WorkingTransaction transaction, ServiceId id, int replicas, RequestId request)
    {
        Result<UInt128?> replay = RequestReplay.Find(transaction, request, ScaleOperation);
        if (replay.Refusal is { } misused) return misused;
        if (replay.Value is not null) return Answer(transaction, id, "was removed since");
        Result<ServiceRecord> found = FindPresent(transaction, id);
        if (!found.IsOk) return found;
        if (found.Value.Spec.Mode != ServiceMode.Replicated) return Refusal.Invalid($"service {found.Value.Spec.Name}: scale can only be used with replicated mode");
        ServiceSpec spec = found.Value.Spec with { Replicas = replicas };
        return ServiceChecks.Refuse(spec) is { } refusal ? refusal : Change(transaction, found.Value, spec, request, ScaleOperation);
    }

    /// <summary>The row stays, marked as being removed, until the last task is gone. Removing it twice is no error.</summary>
    public static Result<ServiceRecord> Remove(WorkingTransaction transaction, ServiceId id, RequestId request)
    {
        Result<UInt128?> replay = RequestReplay.Find(transaction, request, RemoveOperation);
        if (replay.Refusal is { } misused) return misused;
        if (transaction.GetService(id) is not { } service) return Lookup.NotFound("service", id.ToString());
        if (!service.Removing) transaction.Put(service with { Removing = true });
        if (replay.Value is null) RequestReplay.Record(transaction, request, RemoveOperation, id.Value);
        return transaction.GetService(id)!;
    }

    internal static Refusal OutOfSequence(string noun, string name, ulong present, ulong given) => new(
        RefusalKind.OutOfSequence,
        $"update out of sequence: {noun} {name} is at version {present}, the change was made from version {given}; read it again and repeat the change");

    private static Result<ServiceRecord> FindPresent(StoreView view, ServiceId id)
    {
        if (view.GetService(id) is not { } service) return Lookup.NotFound("service", id.ToString());
        return service.Removing ? Refusal.FailedPrecondition($"service {service.Spec.Name} is being removed and cannot be changed") : service;
    }

    private static Result<ServiceRecord> Change(WorkingTransaction transaction, ServiceRecord service, ServiceSpec spec, RequestId request, string operation)
    {
        if (spec != service.Spec) transaction.Put(service with { Spec = spec, SpecVersion = transaction.NextVersion });
        RequestReplay.Record(transaction, request, operation, service.Id.Value);
        return transaction.GetService(service.Id)!;
    }

    private static Result<ServiceRecord> Answer(StoreView view, ServiceId id, string otherwise) =>
        view.GetService(id) is { } service ? service : Refusal.NotFound($"service {id} {otherwise}");
}
