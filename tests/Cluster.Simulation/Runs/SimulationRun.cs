using Cluster.Simulation.Invariants;
using Cluster.Simulation.World;
using Cluster.Testing.Raft;

namespace Cluster.Simulation.Runs;

/// <summary>What came of one seed.</summary>
/// <param name="Hash">Of everything that happened.</param>
/// <param name="Breach">Null: every invariant held.</param>
internal sealed record SimulationRun(ulong Seed, ulong Hash, SimulationCounts Counts, Breach? Breach, string Message)
{
    public string Replay => $"deploy/simulate {Seed} --trace";

    public static SimulationRun Of(ulong seed, TextWriter? trace = null)
    {
        SimulationWorld world = new(seed, trace);
        try
        {
            world.Run();
            return new SimulationRun(seed, world.Trace.Hash, world.Counts, null, "");
        }
        catch (Exception e)
        {
            Breach breach = e switch
            {
                BreachException broken => broken.Breach,
                RaftInvariantException => Invariants.Breach.Consensus,
                _ => Invariants.Breach.Product,
            };
            string what = e is BreachException or RaftInvariantException ? e.Message : $"{breach}: {e}";
            world.Trace.Line("world", what);
            return new SimulationRun(seed, world.Trace.Hash, world.Counts, breach, $"seed {seed} at {world.Queue.Elapsed.TotalSeconds:0.0000} s: {what}");
        }
    }
}
