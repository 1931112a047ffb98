using Cluster.Model.Parsing;
using Cluster.Model.Placement;
using Cluster.Model.Specs;
using Cluster.Model.States;

namespace Cluster.Model.Validation;

/// <summary>
/// Whether a service spec makes sense by itself, in any state of the cluster. What Swarm has and this version does not is refused
/// as <see cref="RefusalKind.Unsupported"/>, never ignored.
/// </summary>
public static class ServiceSpecValidator
{
    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(365);

    public static Refusal? Validate(ServiceSpec spec) =>
        Name(spec.Name)
        ?? TextRules.Labels("service labels", spec.Labels)
        ?? Mode(spec)
        ?? ContainerSpecValidator.Validate(spec.Container, spec.Network)
        ?? Resources(spec.Resources)
        ?? Restart(spec.Restart)
        ?? PlacementOf(spec.Placement)
        ?? PortSpecValidator.Validate(spec.Ports, spec.Network)
        ?? LogDriverOf(spec.LogDriver)
        ?? Size(spec);

    private static Refusal? Name(string name) => TextRules.IsDnsLabel(name)
        ? null
        : Refusal.Invalid($"service name '{name}' is not allowed: 1 to {SpecLimits.MaxName} letters, digits, '-' and '_', the first and the last a letter or digit");

    private static Refusal? Mode(ServiceSpec spec)
    {
        if (spec.Mode != ServiceMode.Replicated) return Refusal.Unsupported("mode global is not built yet: use replicated");
        return spec.Replicas is >= 0 and <= SpecLimits.MaxReplicas
            ? null
            : Refusal.Invalid($"{spec.Replicas} replicas are not allowed: 0 to {SpecLimits.MaxReplicas}");
    }

    private static Refusal? Resources(ResourceRequirements resources)
    {
        if (resources.PidsLimit < 0) return Refusal.Invalid($"pids limit {resources.PidsLimit} is negative: 0 is unlimited");
        return Amount("limit", resources.Limits)
            ?? Amount("reservation", resources.Reservations)
            ?? NotAbove("memory", resources.Reservations.MemoryBytes, resources.Limits.MemoryBytes, ByteSize.Format)
            ?? NotAbove("CPUs", resources.Reservations.NanoCpus, resources.Limits.NanoCpus, CpuCount.Format);
    }

    private static Refusal? Amount(string what, Resources amount)
    {
        if (amount.NanoCpus is not 0 and < SpecLimits.MinNanoCpus)
            return Refusal.Invalid($"CPU {what} {CpuCount.Format(amount.NanoCpus)} is not allowed: at least {CpuCount.Format(SpecLimits.MinNanoCpus)}, or 0 for none");
        if (amount.MemoryBytes is not 0 and < SpecLimits.MinMemoryBytes)
            return Refusal.Invalid($"memory {what} {ByteSize.Format(amount.MemoryBytes)} is not allowed: at least {ByteSize.Format(SpecLimits.MinMemoryBytes)}, or 0 for none");
        return null;
    }

    private static Refusal? NotAbove(string what, long reservation, long limit, Func<long, string> format) =>
        limit > 0 && reservation > limit
            ? Refusal.Invalid($"reservation of {format(reservation)} {what} is above the limit of {format(limit)}: lower it or raise the limit")
            : null;

    private static Refusal? Restart(RestartPolicy restart)
    {
        if (restart.MaxAttempts < 0) return Refusal.Invalid($"restart attempts {restart.MaxAttempts} are negative: 0 is unlimited");
        return TextRules.Span("restart delay", restart.Delay, LongestSpan) ?? TextRules.Span("restart window", restart.Window, LongestSpan);
    }

    private static Refusal? PlacementOf(Specs.Placement placement)
    {
        if (placement.MaxReplicasPerNode < 0) return Refusal.Invalid($"{placement.MaxReplicasPerNode} replicas per node are not allowed: 0 is unlimited");
        if (TextRules.Texts("constraints", placement.Constraints) is { } size) return size;
        if (ConstraintExpression.ParseAll(placement.Constraints).Refusal is { } constraint) return constraint;
        foreach (string key in placement.SpreadOver)
        {
            bool known = IsLabelKey(key, ConstraintExpression.NodeLabelPrefix) || IsLabelKey(key, ConstraintExpression.EngineLabelPrefix);
            if (!known) return Refusal.Invalid($"spread over '{key}' is not possible: allowed are node.labels.NAME and engine.labels.NAME");
        }

        return TextRules.Texts("spread preferences", placement.SpreadOver);
    }

    private static bool IsLabelKey(string key, string prefix) => key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    private static Refusal? LogDriverOf(LogDriver? driver)
    {
        if (driver is null) return null;
        if (driver.Name is not ("json-file" or "none")) return Refusal.Unsupported($"log driver '{driver.Name}' is not built yet: allowed are json-file and none");
        foreach ((string key, string value) in driver.Options.Items)
        {
            bool known = driver.Name == "json-file" && key is "max-size" or "max-file";
            if (!known) return Refusal.Unsupported($"log option '{key}' of driver {driver.Name} is not built yet: allowed are max-size and max-file of json-file");
            if (key == "max-size" && ByteSize.Parse(value) is not { IsOk: true, Value: > 0 }) return Refusal.Invalid($"log option max-size={value} is not a size such as 10m");
            if (key == "max-file" && !(int.TryParse(value, out int files) && files is >= 1 and <= 1000)) return Refusal.Invalid($"log option max-file={value} is not a number from 1 to 1000");
        }

        return null;
    }

    private static Refusal? Size(ServiceSpec spec)
    {
        long total = spec.Container.Command.Concat(spec.Container.Args).Concat(spec.Container.Env).Concat(spec.Placement.Constraints).Sum(t => (long)t.Length)
            + spec.Labels.Items.Concat(spec.Container.Labels.Items).Sum(l => (long)l.Key.Length + l.Value.Length);
        return total > SpecLimits.MaxTotalText
            ? Refusal.Invalid($"the service's texts have {total} characters (at most {SpecLimits.MaxTotalText}): keep large data in the image or a volume")
            : null;
    }
}
