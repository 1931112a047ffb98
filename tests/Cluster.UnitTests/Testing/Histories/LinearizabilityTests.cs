using Cluster.Testing.Histories;
using Xunit;

namespace Cluster.UnitTests.Testing.Histories;

/// <summary>Histories of a register that begins with 0, written and read, with compare-and-set; each known to be good or bad.</summary>
public sealed class LinearizabilityTests
{
    [Fact]
    public void Accepts_what_happened_one_after_the_other() => Accepts(Write(1, 0, 10), Read(1, 20, 30), Write(2, 40, 50), Read(2, 60, 70));

    [Fact]
    public void Accepts_either_value_while_a_write_is_under_way() => Accepts(Write(1, 0, 100), Read(0, 10, 20), Read(1, 30, 40));

    [Fact]
    public void Refuses_an_old_value_after_a_new_one_was_read() => Refuses(Write(1, 0, 100), Read(1, 10, 20), Read(0, 30, 40));

    [Fact]
    public void Refuses_a_value_from_before_an_acknowledged_write() => Refuses(Write(1, 0, 10), Read(0, 20, 30));

    [Fact]
    public void Refuses_a_value_that_nobody_wrote() => Refuses(Write(1, 0, 10), Read(2, 20, 30));

    [Fact]
    public void Refuses_a_write_that_is_lost_by_a_later_one_in_between() => Refuses(Write(1, 0, 10), Write(2, 20, 30), Read(1, 40, 50));

    [Fact]
    public void Accepts_overlapping_writes_in_whichever_order_the_reads_say() => Accepts(Write(1, 0, 100), Write(2, 0, 100), Read(2, 110, 120), Read(2, 130, 140));

    [Fact]
    public void Refuses_readers_that_see_overlapping_writes_in_different_orders() =>
        Refuses(Write(1, 0, 100), Write(2, 0, 100), Read(1, 110, 120), Read(2, 130, 140));

    [Fact]
    public void Lets_an_unanswered_write_take_effect_late_or_never()
    {
        Accepts(Write(1, 0, null), Read(0, 10, 20), Read(1, 500, 510));
        Accepts(Write(1, 0, null), Read(0, 500, 510));
    }

    [Fact]
    public void Refuses_an_unanswered_write_that_takes_effect_twice() => Refuses(Write(1, 0, null), Read(1, 10, 20), Write(2, 30, 40), Read(1, 50, 60));

    [Fact]
    public void Refuses_an_unanswered_write_before_it_was_asked() => Refuses(Read(1, 0, 10), Write(1, 20, null));

    [Fact]
    public void Refuses_two_exchanges_that_both_say_they_found_the_same() => Refuses(Exchange(0, 1, 0, 100), Exchange(0, 2, 0, 100));

    [Fact]
    public void Accepts_exchanges_that_build_on_each_other() => Accepts(Exchange(1, 2, 0, 100), Exchange(0, 1, 0, 100), Read(2, 110, 120));

    /// <summary>Random runs of a true register are accepted; the same with one read changed to what was never there are refused.</summary>
    [Fact]
    public void Tells_random_good_histories_from_bad_ones()
    {
        Random random = new(7);
        for (int run = 0; run < 200; run++)
        {
            List<HistoryOperation<int>> history = RunRegister(random, out int reads);
            Assert.Null(Linearizability.Explain(0, history));
            if (reads == 0) continue;
            int changed = history.FindIndex(o => o.What.StartsWith("read", StringComparison.Ordinal));
            HistoryOperation<int> read = history[changed];
            history[changed] = Read(-1, read.Invoked, read.Returned!.Value);
            Assert.NotNull(Linearizability.Explain(0, history));
        }
    }

    private static List<HistoryOperation<int>> RunRegister(Random random, out int reads)
    {
        // Each operation takes effect at a moment of its own, somewhere between question and answer.
        List<HistoryOperation<int>> history = [];
        int value = 0;
        reads = 0;
        for (long now = 0; history.Count < 60; now += random.Next(1, 10))
        {
            long invoked = now - random.Next(0, 30);
            long? returned = random.Next(8) == 0 ? null : now + random.Next(0, 30);
            if (random.Next(2) == 0)
            {
                value = random.Next(5);
                history.Add(Write(value, invoked, returned));
            }
            else if (returned is { } heard)
            {
                history.Add(Read(value, invoked, heard));
                reads++;
            }
        }

        return history;
    }

    private static HistoryOperation<int> Write(int value, long from, long? to) => new($"write {value}", from, to, _ => HistoryStep<int>.To(value));

    private static HistoryOperation<int> Read(int value, long from, long to) =>
        new($"read {value}", from, to, state => state == value ? HistoryStep<int>.To(state) : HistoryStep<int>.Impossible) { OnlyLooks = true };

    private static HistoryOperation<int> Exchange(int expected, int value, long from, long to) =>
        new($"exchange {expected} for {value}", from, to, state => state == expected ? HistoryStep<int>.To(value) : HistoryStep<int>.Impossible);

    private static void Accepts(params HistoryOperation<int>[] history) => Assert.Null(Linearizability.Explain(0, history));

    private static void Refuses(params HistoryOperation<int>[] history) => Assert.NotNull(Linearizability.Explain(0, history));
}
