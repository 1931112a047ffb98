using Cluster.Model;
using Cluster.Store.Sequencing;

namespace Cluster.UnitTests.Store.Sequencing;

/// <summary>Holds what a submission was answered; a second answer is a failure.</summary>
internal sealed class Answer
{
    public SubmitOutcome? Outcome { get; private set; }

    public SubmitStatus? Status => Outcome?.Status;

    public void Set(SubmitOutcome outcome)
    {
        Invariant.Check(Outcome is null, "a submission is answered once");
        Outcome = outcome;
    }
}
