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

    /// <summary>Puts the answer, if the body did not, and drops what is too old.</summary>
    public static RequestRecord? Record(WorkingTransaction transaction, Submission submission, SequencerOptions options)
    {
        if (submission.RequestId.IsNone) return null;
        if (transaction.GetRequest(submission.RequestId) is not { } record)
        {
            record = new(submission.RequestId, transaction.Now, submission.Operation, UInt128.Zero);
            transaction.Put(record);
        }

        Invariant.Check(record.Operation == submission.Operation, "a body records its request under the operation that was submitted");
        foreach (RequestRecord oldest in transaction.OldestRequests.Take(MaxRemovals))
        {
            bool tooOld = transaction.Now - oldest.At > options.MaxRequestAge;
            if (!tooOld && transaction.RequestCount <= options.MaxRequests) break;
            if (oldest.Id != record.Id) transaction.DeleteRequest(oldest.Id);
        }

        return record;
    }
}
