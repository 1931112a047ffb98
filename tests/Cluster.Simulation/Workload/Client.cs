using Cluster.Model;
using Cluster.Simulation.Invariants;
using Cluster.Simulation.Managers;
using Cluster.Simulation.World;
using Cluster.Store;
using Cluster.Store.Sequencing;

namespace Cluster.Simulation.Workload;

/// <summary>Asks managers to do operations; asks again, with the same request id, as long as the outcome is unknown.</summary>
internal sealed class Client(SimulationWorld world, Random random)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private int _manager;

    public int Outstanding { get; private set; }

    public void Issue(Operation operation)
    {
        operation.IssuedAfter = world.Queue.Elapsed;
        operation.IssuedAt = (world.History.Head.Incarnation, world.History.Head.Version);
        Outstanding++;
        world.Histories.Asked(operation);
        world.Trace.Line("client", $"asks: {operation.What}");
        Attempt(operation);
    }

    /// <summary>Reads on any manager, until one can say that it lacks nothing that was acknowledged before.</summary>
    public void Read(UInt128 id, Func<StoreView, ObjectState> look) => Read(id, look, world.Queue.Elapsed, random.Next(world.Managers.Length));

    private void Read(UInt128 id, Func<StoreView, ObjectState> look, TimeSpan since, int number)
    {
        if (world.Queue.Elapsed - since > Patience) return;
        ManagerMachine manager = world.Managers[number];
        bool isHeard = false;
        void Hear(Action then)
        {
            if (isHeard) return;
            isHeard = true;
            then();
        }

        void Again() => Hear(() => world.Queue.Schedule(random.Between(0.05, 0.8), () => Read(id, look, since, (number + 1) % world.Managers.Length)));
        world.Queue.Schedule(Latency(), () =>
        {
            if (manager.Process is not { } process)
            {
                world.Queue.Schedule(Latency(), Again);
                return;
            }

            process.Control.Post(() => process.Control.Read(view =>
            {
                if (view is null) world.Counts.Add("read: not confirmed");
                ObjectState seen = view is null ? default : look(view);
                bool follows = !process.Control.IsLeading;
                world.Queue.Schedule(Latency(), () =>
                {
                    if (view is null) Again();
                    else Hear(() =>
                    {
                        if (follows) world.Counts.Add("read: on a follower");
                        world.Histories.Read(id, seen, since, world.Queue.Elapsed);
                    });
                });
            }));
        });
        world.Queue.Schedule(random.Between(2, 6), Again);
    }

    private void Attempt(Operation operation)
    {
        if (operation.IsAnswered) return;
        if (!operation.IsStubborn && world.Queue.Elapsed - operation.IssuedAfter > Patience)
        {
            world.Counts.Add("client: outcome never known");
            world.Trace.Line("client", $"gives up: {operation.What}");
            operation.IsAnswered = true;
            Outstanding--;
            operation.Ended?.Invoke();
            return;
        }

        int attempt = ++operation.Attempts;
        if (attempt > 1) world.Counts.Add("client: asked again");
        ManagerMachine manager = world.Managers[_manager];
        world.Queue.Schedule(Latency(), () =>
        {
            if (manager.Process is not { } process)
            {
                world.Queue.Schedule(Latency(), () => Retry(operation, attempt));
                return;
            }

            process.Control.Post(() => process.Control.Request("client", operation.Request, operation.Name, operation.Command, (outcome, id) => Answer(operation, attempt, outcome, id)));
        });
        world.Queue.Schedule(random.Between(2, 6), () => Retry(operation, attempt));
    }

    private void Retry(Operation operation, int attempt)
    {
        if (operation.IsAnswered || attempt != operation.Attempts) return;
        _manager = (_manager + 1) % world.Managers.Length;
        world.Queue.Schedule(random.Between(0.1, 1.5), () =>
        {
            if (attempt == operation.Attempts) Attempt(operation);
        });
    }

    private void Answer(Operation operation, int attempt, SubmitOutcome outcome, UInt128 id)
    {
        // Also when the answer is lost on its way: the manager has promised it.
        if (outcome.Status == SubmitStatus.Committed) world.Acknowledgements.Committed(operation, id);
        if (outcome.Status == SubmitStatus.Refused) world.Acknowledgements.Refused(operation, outcome.Refusal!);
        if (!world.IsCalm && random.Happens(world.Plan.AnswerLoss))
        {
            world.Counts.Add("client: answer lost");
            return;
        }

        // What a cluster said that has been taken back since is of no use any more.
        ManagerGroup group = world.Group;
        world.Queue.Schedule(Latency(), () =>
        {
            if (group == world.Group) Hear(operation, attempt, outcome, id);
        });
    }

    private void Hear(Operation operation, int attempt, SubmitOutcome outcome, UInt128 id)
    {
        if (operation.IsAnswered) return;
        world.Counts.Add($"client: {outcome.Status}");
        if (outcome.Status is not (SubmitStatus.Committed or SubmitStatus.Refused) || outcome.Refusal is { Kind: RefusalKind.LimitExceeded }
            || (operation.IsStubborn && outcome.Status == SubmitStatus.Refused))
        {
            Retry(operation, attempt);
            return;
        }

        operation.IsAnswered = true;
        Outstanding--;
        operation.Ended?.Invoke();
        if (outcome.Refusal is { } refusal)
        {
            operation.WasRefused = true;
            world.Counts.Add($"refused: {operation.Name} {refusal.Kind}");
            world.Trace.Line("client", $"refused: {operation.What}: {refusal.Message}");
            return;
        }

        (operation.HeardAt, operation.Made) = (world.Queue.Elapsed, id);
        world.Counts.Add($"operation: {operation.Name}");
        world.Trace.Line("client", $"done: {operation.What}");
        operation.Succeeded?.Invoke(id);
    }

    private TimeSpan Latency() => random.Between(0.0002, 0.02);
}
