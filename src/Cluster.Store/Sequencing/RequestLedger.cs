using Cluster.Model;
using Cluster.Model.Objects;

namespace Cluster.Store.Sequencing;

/// <summary>
/// The answers that requests got, as rows: a retry after an unknown outcome gets the first answer and has no second effect. Their number and
/// age are limited; a retry that comes after its row is gone is a new request. Refusals are not kept: a retry of one runs again.
/// </summary>
internal static class RequestLedger
{
    /// <summary>Old answers removed with each new one: more than one, so that a shrunk limit is reached, and few, so that entries stay small.</summary>
    private const int MaxRemovals = 8;

    /// <summary>The first answer to this request, or the refusal of an id that was used for something else; null if it is new.</summary>
    public static SubmitOutcome? Known(StoreView head, Submission submission)
    {
        if (submission.RequestId.IsNone || head.GetRequest(submission.RequestId) is not { } first) return null;
        if (first.Operation == submission.Operation)
            return new SubmitOutcome(SubmitStatus.Committed) { Version = head.Version, Request = first, Repeated = true };
        return SubmitOutcome.Refused(Refusal.Invalid(
            $"request id {first.Id} was used for {first.Operation} and cannot be used for {submission.Operation}: take a new one"));
    }

    /// <summary>Keeps the answer, and drops what is too old. Null: nobody will ask again.</summary>
    public static RequestRecord? Record(WorkingTransaction transaction, Submission submission, SequencerOptions options)
    {
        if (submission.RequestId.IsNone) return null;
        RequestRecord record = new(submission.RequestId, transaction.Now, submission.Operation, submission.Object?.Invoke() ?? UInt128.Zero);
        transaction.Put(record);
        DropOldest(transaction, record, options);
        return record;
    }

    private static void DropOldest(WorkingTransaction transaction, RequestRecord kept, SequencerOptions options)
    {
        foreach (RequestRecord oldest in transaction.OldestRequests.Take(MaxRemovals))
        {
            bool tooOld = transaction.Now - oldest.At > options.MaxRequestAge;
            if (!tooOld && transaction.RequestCount <= options.MaxRequests) break;
            if (oldest.Id != kept.Id) transaction.DeleteRequest(oldest.Id);
        }
    }
}
