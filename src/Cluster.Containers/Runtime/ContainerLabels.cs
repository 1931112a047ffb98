namespace Cluster.Containers.Runtime;

/// <summary>What is noted on a container, so that a restarted agent needs nothing else to go on with it.</summary>
internal static class ContainerLabels
{
    public const string Service = "cluster/service", Name = "cluster/name";

    /// <summary>The signal that asks it to end: the image's.</summary>
    public const string StopSignal = "cluster/stop-signal";

    /// <summary>Segment and total bytes of its log; without it there is none.</summary>
    public const string LogSegmentBytes = "cluster/log-segment-bytes", LogTotalBytes = "cluster/log-total-bytes";
}
