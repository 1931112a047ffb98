namespace Cluster.Testing.Histories;

/// <summary>
/// Whether there is an order of operations on one object, each between its question and its answer, that explains all answers (Herlihy and
/// Wing's linearizability). The search is that of Wing and Gong with Lowe's memory of what was tried: a set of operations that are done, with
/// the state that they led to, is looked at once.
/// </summary>
public static class Linearizability
{
    /// <summary>Sets of operations that are looked at before the answer is given up: a history that needs more overlaps too much.</summary>
    private const int MostTried = 1_000_000;

    /// <returns>Null: the history is linearizable. Else the longest explanation that was found, and what does not fit after it.</returns>
    public static string? Explain<TState>(TState initial, IReadOnlyList<HistoryOperation<TState>> operations)
        where TState : IEquatable<TState>
    {
        HistoryOperation<TState>[] sorted = [.. operations.OrderBy(static o => o.Invoked)];
        Search<TState> search = new(sorted);
        return search.Finds(initial) ? null : search.Explain();
    }

    private sealed class Search<TState>(HistoryOperation<TState>[] operations)
        where TState : IEquatable<TState>
    {
        private readonly HashSet<(DoneSet Done, TState State)> _tried = [];
        private readonly List<int> _order = [];
        private int[] _longest = [];

        public bool Finds(TState initial) => Extend(new DoneSet(operations.Length), initial);

        public string Explain()
        {
            string explained = string.Join("; ", _longest.Select(i => Describe(operations[i])));
            string open = string.Join("; ", Enumerable.Range(0, operations.Length).Except(_longest).Where(i => operations[i].Returned is not null).Take(6).Select(i => Describe(operations[i])));
            return $"no order explains the answers; after [{explained}] nothing fits of [{open}]";
        }

        private static string Describe(HistoryOperation<TState> operation) => $"{operation.What}{(operation.Value is null ? "" : $" {operation.Value}")} ({operation.Invoked}..{operation.Returned?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"})";

        private bool Extend(DoneSet done, TState state)
        {
            if (Enumerable.Range(0, operations.Length).All(i => done.Has(i) || operations[i].Returned is null)) return true;
            if (!_tried.Add((done, state))) return false;
            if (_tried.Count > MostTried) throw new InvalidOperationException($"a history of {operations.Length} operations overlaps too much to be checked");
            if (_order.Count > _longest.Length) _longest = [.. _order];

            // Whoever comes next was asked before anybody that is not done was answered.
            long firstAnswer = long.MaxValue;
            for (int i = 0; i < operations.Length; i++)
            {
                if (!done.Has(i) && operations[i].Returned is { } returned && returned < firstAnswer) firstAnswer = returned;
            }

            // Whoever only looks, and could have looked now, may as well: nothing else is harder to explain after it.
            for (int i = 0; i < operations.Length && operations[i].Invoked <= firstAnswer; i++)
            {
                if (done.Has(i) || !operations[i].OnlyLooks || !operations[i].Step(state).IsPossible) continue;
                _order.Add(i);
                if (Extend(done.With(i), state)) return true;
                _order.RemoveAt(_order.Count - 1);
                return false;
            }

            for (int i = 0; i < operations.Length && operations[i].Invoked <= firstAnswer; i++)
            {
                if (done.Has(i)) continue;
                HistoryStep<TState> step = operations[i].Step(state);
                if (!step.IsPossible) continue;
                _order.Add(i);
                if (Extend(done.With(i), step.State)) return true;
                _order.RemoveAt(_order.Count - 1);
            }

            return false;
        }
    }
}
