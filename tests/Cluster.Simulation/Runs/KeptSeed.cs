namespace Cluster.Simulation.Runs;

/// <summary>A seed that once found a bug in the product, and which.</summary>
internal sealed record KeptSeed(ulong Seed, string Found)
{
    public static readonly IReadOnlyList<KeptSeed> All =
    [
        new(1, "a successor that waited for a task on a drained node lost its own node, and the next one did not wait any more: two tasks ran in one slot"),
        new(2, "the scheduler's cache kept an empty entry of a removed node when only failed tasks named it: not what a rebuild gives"),
        new(10, "the same the other way round: a rebuild made the entry, which the cache had dropped"),
        new(1006, "asked for the time before its first leadership, a new cluster's clock began in the year 1 and never caught up"),
        new(20012, "a node was removed and leadership changed before the kernel had drawn its conclusions: the next leader never replaced the node's tasks"),
        new(20014, "a node was promoted again before its demotion was complete: the group cannot take its removed member back, and tried for ever"),
        new(20261122571, "a leader took members for active that it had not heard of: it removed one while another had lost its disk, and had no quorum any more"),
        new(20261122683, "the same, with the member lost in the moment of the election"),
        new(32003801, "a backup of the first change, which had no time yet: the restored cluster's clock began in the year 1"),
        new(42000741, "a change was made by a version of a history that was lost, and was taken in by the next one, which had come to the same number"),
        new(63001664, "what an agent said before it had looked at its machine came late, over a manager that was cut off, and took the process id from a running task"),
        new(70028283, "after a restore an agent reported its tasks at once, before the managers had assigned them again: they refused that, and it never said it again"),
        new(70004960, "a pass ended within a slot that was scaled away, whose current task was gone already: the next pass kept the slot for what was left of it, and nothing ran there"),
        new(70008329, "a node knew of a task only that the managers had given it up, and had no words for that: restored managers, who had not, waited for ever for its end"),
        new(70014313, "restored managers gave a task other ports than the node had given it before: the first ones were never given back, and who was given them waited for ever"),
        new(70035435, "what a manager of a lost history had said of itself came late, and made a member of the new group that did not exist"),
        new(5021, "a call that its agent had given up began a session late; the agent's real one was older then and never counted again: its node stayed down"),
    ];
}
