namespace Cluster.Rpc.Client;

/// <summary>Who cancelled a call. The deadline's timer is the only one that says nothing.</summary>
internal enum CancelReason
{
    None,
    Caller,
    Disposed,
    ChannelClosed,
    Ended,
}
