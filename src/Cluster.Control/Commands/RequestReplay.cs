using Cluster.Model;
using Cluster.Model.Ids;
using Cluster.Model.Objects;
using Cluster.Store;

namespace Cluster.Control.Commands;

/// <summary>
/// The answers that mutations got, by the client's request id: a retry after an unknown outcome gets the first answer and has no
/// second effect. The sequencer bounds the table; a retry that comes after its row is gone is a new request.
/// </summary>
internal static class RequestReplay
{
    /// <summary>The object of an earlier, equal request; null: there was none. Refused: the id was used for something else.</summary>
    public static Result<UInt128?> Find(StoreView view, RequestId request, string operation)
    {
        if (request.IsNone || view.GetRequest(request) is not { } earlier) return (UInt128?)null;
        return earlier.Operation == operation
            ? (UInt128?)earlier.ObjectId
            : Refusal.Invalid($"request id {request} was already used for {earlier.Operation}; each request needs a new one");
    }

    public static void Record(WorkingTransaction transaction, RequestId request, string operation, UInt128 objectId)
    {
        if (!request.IsNone) transaction.Put(new RequestRecord(request, transaction.Now, operation, objectId));
    }
}
