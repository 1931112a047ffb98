using Cluster.Manager.Hosting;
using Cluster.Raft.Members;
using Cluster.Raft.Messages;

namespace Cluster.UnitTests.Manager.Hosting;

/// <summary>Of a member that is alone: there is nobody to send to.</summary>
internal sealed class NoTransport : IRaftTransport
{
    public static readonly NoTransport Instance = new();

    public void Send(IReadOnlyList<RaftMessage> messages)
    {
    }

    public void Follow(Membership membership)
    {
    }
}
