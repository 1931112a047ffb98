namespace Cluster.Control.Scheduling;

/// <summary>Gives the nodes for the tasks of a group, best first. After each answer the node is either put back or left out.</summary>
internal interface ICandidateSource
{
    bool TryTake(out NodeLoad node);

    /// <summary>The node that was taken last got a task and may be asked again.</summary>
    void Return(NodeLoad node);
}
