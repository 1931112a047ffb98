using Cluster.Api.Codec;
using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.Store.Replication;

/// <summary>Makes the log entry of a transaction.</summary>
internal static class EntryBuilder
{
    public static byte[] Build(WorkingTransaction transaction, ulong term, string actor, RequestId requestId)
    {
        List<object> puts = new(transaction.Changes.Count);
        List<object> deletes = [];
        foreach (Change change in transaction.Changes)
        {
            if (change.IsDeletion) deletes.Add(EntryRows.KeyOf(change.Before!));
            else puts.Add(change.After!);
        }

        return EntryCodec.Encode(new()
        {
            Incarnation = transaction.Incarnation,
            Term = term,
            Version = transaction.NextVersion,
            PreviousVersion = transaction.Version,
            Time = transaction.Now,
            Actor = actor,
            RequestId = requestId,
            Puts = puts.ToValueList(),
            Deletes = deletes.ToValueList(),
        });
    }
}
