namespace Cluster.Control.Dispatch;

/// <param name="Applied">Reports that changed a row.</param>
/// <param name="Ignored">Old or known reports, and those of tasks that are deleted.</param>
/// <param name="Refused">Reports of other nodes' tasks, or of states that an agent may not write: a bug or an attack.</param>
public readonly record struct StatusUpdateResult(int Applied, int Ignored, int Refused);
