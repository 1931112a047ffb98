using Cluster.Api.Codec;
using Cluster.Model.Ids;
using Cluster.Model.Specs;

namespace Cluster.Store.Replication;

/// <summary>Makes the log entry of a transaction.</summary>
internal static class EntryBuilder
{
    public static byte[] Build(WorkingTransaction transaction, ulong term, string actor, RequestId requestId) => EntryCodec.Encode(new()
    {
        Incarnation = transaction.Incarnation,
        Term = term,
        Version = transaction.NextVersion,
        PreviousVersion = transaction.Version,
        Time = transaction.Now,
        Actor = actor,
        RequestId = requestId,
        Puts = transaction.Changes.Where(change => !change.IsDeletion).Select(change => change.After!).ToValueList(),
        Deletes = transaction.Changes.Where(change => change.IsDeletion).Select(change => EntryRows.KeyOf(change.Before!)).ToValueList(),
    });
}
