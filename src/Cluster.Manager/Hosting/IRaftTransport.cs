using Cluster.Raft.Members;
using Cluster.Raft.Messages;

namespace Cluster.Manager.Hosting;

/// <summary>
/// The way to the other members. Called on Raft's loop: must neither wait nor throw. What cannot be sent is dropped, since Raft says it
/// again; of a snapshot that is not delivered the transport tells <see cref="RaftHost.ReportSnapshotAsync"/>, once for each message.
/// </summary>
internal interface IRaftTransport
{
    /// <summary>Sends in this order, as far as messages to one member are concerned.</summary>
    void Send(IReadOnlyList<RaftMessage> messages);

    /// <summary>Who takes part from now on, as the newest configuration in the log says.</summary>
    void Follow(Membership membership);
}
