using Google.Protobuf;

namespace Cluster.Manager.Services;

/// <summary>A part of a list that fits into one answer, as rows and as messages, and whether there is more after it.</summary>
internal readonly record struct ListPage<TRow, TMessage>(IReadOnlyList<TRow> Rows, IReadOnlyList<TMessage> Items, bool HasMore);

internal static class ListPage
{
    /// <summary>Half of what a client takes in one message by default; a row is always far smaller.</summary>
    private const int MaxBytes = 2 << 20;

    /// <param name="rows">Those after the last page's end, in order.</param>
    /// <param name="asked">By the caller; 0 for none.</param>
    public static ListPage<TRow, TMessage> Of<TRow, TMessage>(IEnumerable<TRow> rows, int asked, int max, Func<TRow, TMessage> toProto)
        where TMessage : IMessage
    {
        int limit = asked is > 0 && asked < max ? asked : max;
        (List<TRow> taken, List<TMessage> page) = ([], []);
        int bytes = 0;
        foreach (TRow row in rows)
        {
            if (page.Count == limit) return new(taken, page, true);
            TMessage message = toProto(row);
            bytes += message.CalculateSize();
            if (bytes > MaxBytes && page.Count > 0) return new(taken, page, true);
            taken.Add(row);
            page.Add(message);
        }

        return new(taken, page, false);
    }
}
