using Cluster.Control;
using Cluster.Model.Objects;
using Cluster.Model.States;
using Cluster.Simulation.Managers;
using Cluster.Simulation.World;
using Cluster.Store;

namespace Cluster.Simulation.Invariants;

/// <summary>The leader's kernel beside a new one that is built from the same state.</summary>
internal sealed class KernelChecks(SimulationWorld world)
{
    // Their own, so that looking changes nothing.
    private readonly SeededIds _ids = new(new Random(1));
    private readonly Random _random = new(2);
    private (ControlDriver? Control, StoreSnapshot? Head, bool WasIdle) _seen;

    public void Check(ManagerMachine machine)
    {
        if (machine.Process?.Control is not { IsLeading: true } control) return;
        StoreSnapshot head = control.Sequencer.Head;
        if (control.Kernel.Version != head.Version) return;

        // The same state, and nothing more to ask of it than last time.
        if (_seen.Control == control && _seen.Head == head && (_seen.WasIdle || !control.KernelIsIdle)) return;
        _seen = (control, head, control.KernelIsIdle);
        Kernel fresh = new(world.Plan.Kernel);
        fresh.Rebuild(head);
        world.Counts.Add("check: caches");
        BreachException.Require(
            fresh.CacheFingerprint() == control.Kernel.CacheFingerprint(),
            Breach.CachesDiffer,
            $"{machine.Address} at v{head.Version}: {Difference(control.Kernel.CacheFingerprint(), fresh.CacheFingerprint())}");
        if (control.KernelIsIdle) CheckIdle(machine, control, head, fresh);
    }

    private void CheckIdle(ManagerMachine machine, ControlDriver control, StoreSnapshot head, Kernel fresh)
    {
        world.Counts.Add("check: idle kernel");
        WorkingTransaction again = new(head, head.Time);
        control.Kernel.Run(again, _ids, _random);
        BreachException.Require(again.IsEmpty, Breach.IdleKernelWrites, $"{machine.Address} at v{head.Version}: a pass without any change writes {Describe(again)}");

        // All rows count as changed for a new one. What it explains better about waiting tasks is no decision.
        WorkingTransaction anew = new(head, head.Time);
        fresh.Run(anew, _ids, _random);
        BreachException.Require(
            anew.Changes.All(IsExplanation), Breach.IdleKernelWrites, $"{machine.Address} at v{head.Version}: a new kernel finds what the old one has missed: {Describe(anew)}");
    }

    private static bool IsExplanation(Change change) =>
        change is { Before: TaskRecord { Status.State: TaskState.Pending } before, After: TaskRecord after } && after with { Status = before.Status, Meta = before.Meta } == before
        && after.Status.State == TaskState.Pending;

    private static string Describe(WorkingTransaction transaction) => string.Join("; ", transaction.Changes.Take(3));

    private static string Difference(string kept, string rebuilt)
    {
        string[] a = kept.Split('\n');
        string[] b = rebuilt.Split('\n');
        return $"kept [{string.Join("; ", a.Except(b, StringComparer.Ordinal).Take(3))}], rebuilt [{string.Join("; ", b.Except(a, StringComparer.Ordinal).Take(3))}]";
    }
}
