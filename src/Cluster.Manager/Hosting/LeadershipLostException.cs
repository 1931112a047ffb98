namespace Cluster.Manager.Hosting;

/// <summary>This manager does not lead (any more), so the change was not made; or, when <paramref name="OutcomeIsUnknown"/>, may still be made.</summary>
internal sealed class LeadershipLostException(bool OutcomeIsUnknown) : Exception(OutcomeIsUnknown
    ? "leadership was lost while the change was under way: it may have been made; the same request id again gives its outcome"
    : "this manager does not lead the cluster at the moment: try again");
