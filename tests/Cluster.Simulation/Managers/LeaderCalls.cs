using Cluster.Simulation.World;

namespace Cluster.Simulation.Managers;

/// <summary>The twin of a manager's calls to whoever leads, itself or another: tried again while leadership moves, so perhaps done more than once.</summary>
internal sealed class LeaderCalls(SimulationWorld world, ManagerProcess process)
{
    /// <summary>As in the manager role.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);
    private readonly Random _random = new(world.Random.Next());

    /// <param name="there">In a turn of the manager that leads. It answers null when the outcome is unknown, or it does not lead any more.</param>
    /// <param name="answer">Null: nobody took it.</param>
    public void Call(Action<ManagerProcess, Action<LeaderAnswer?>> there, Action<LeaderAnswer?> answer) => Attempt(there, answer, world.Queue.Elapsed);

    private void Attempt(Action<ManagerProcess, Action<LeaderAnswer?>> there, Action<LeaderAnswer?> answer, TimeSpan since)
    {
        if (!process.IsAlive) return;
        if (world.Queue.Elapsed - since > Patience)
        {
            answer(null);
            return;
        }

        bool isHeard = false;
        void Hear(LeaderAnswer? reply)
        {
            if (isHeard || !process.IsAlive) return;
            isHeard = true;
            if (reply is not null) answer(reply);
            else process.After(RetryDelay, () => Attempt(there, answer, since));
        }

        if (process.Control.IsLeading) process.Control.Post(() => Ask(process, there, Hear));
        else if (world.MachineOf(process.Control.Leader, process.Group) is { } leader) AskOver(leader, there, Hear);
        else Hear(null);
    }

    private void AskOver(ManagerMachine leader, Action<ManagerProcess, Action<LeaderAnswer?>> there, Action<LeaderAnswer?> hear)
    {
        world.Network.Call(process.Machine.Endpoint, leader.Endpoint, () =>
        {
            if (leader.Process is not { } other || other.Group != process.Group) return;
            other.Control.Post(() => Ask(other, there, reply => world.Network.Call(leader.Endpoint, process.Machine.Endpoint, () => hear(reply))));
        });

        // A way that is cut, or a manager that died, is noticed after a while.
        process.After(_random.Between(1, 3), () => hear(null));
    }

    private static void Ask(ManagerProcess leader, Action<ManagerProcess, Action<LeaderAnswer?>> there, Action<LeaderAnswer?> reply)
    {
        if (leader.Control.IsLeading) there(leader, reply);
        else reply(null);
    }
}
