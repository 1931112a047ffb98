using Cluster.Model;
using Cluster.Model.Objects;

namespace Cluster.Store.Sequencing;

/// <summary>Keeps the answers to requests as rows, and their number and age within limits.</summary>
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

    /// <summary>Puts the answer, if the body did not, and drops what is too old; also where only the body knows of the request.</summary>
    public static RequestRecord? Record(WorkingTransaction transaction, Submission submission, SequencerOptions options)
    {
        RequestRecord? record = null;
        if (!submission.RequestId.IsNone)
        {
            record = transaction.GetRequest(submission.RequestId);
            if (record is null) transaction.Put(record = new(submission.RequestId, transaction.Now, submission.Operation, UInt128.Zero));
            Invariant.Check(record.Operation == submission.Operation, "a body records its request under the operation that was submitted");
        }

        if (transaction.RequestCount > transaction.Basis.RequestCount) DropOldest(transaction, record, options);
        return record;
    }

    private static void DropOldest(WorkingTransaction transaction, RequestRecord? kept, SequencerOptions options)
    {
        foreach (RequestRecord oldest in transaction.OldestRequests.Take(MaxRemovals))
        {
            bool tooOld = transaction.Now - oldest.At > options.MaxRequestAge;
            if (!tooOld && transaction.RequestCount <= options.MaxRequests) break;
            if (oldest.Id != kept?.Id) transaction.DeleteRequest(oldest.Id);
        }
    }
}
