using Cluster.Agent.Runtime;
using Cluster.Model.Ids;
using Google.Protobuf;

namespace Cluster.Agent.Sessions;

/// <summary>Log lines as they travel to the manager.</summary>
internal static class LogPublications
{
    public static Api.V1.LogPublication ToProto(string subscriptionId, NodeId nodeId, TaskLogLines next)
    {
        string taskId = next.TaskId.ToString();
        string node = nodeId.ToString();
        Api.V1.LogPublication publication = new() { SubscriptionId = subscriptionId, EndOfTask = next.IsEnd ? taskId : "", Error = next.Error ?? "" };
        foreach (ContainerLogLine line in next.Lines)
        {
            publication.Lines.Add(new Api.V1.LogLine
            {
                TaskId = taskId,
                NodeId = node,
                Stream = line.Stream == ContainerStream.Stderr ? Api.V1.LogStream.Stderr : Api.V1.LogStream.Stdout,
                AtTicks = line.At.UtcTicks,
                Data = ByteString.CopyFrom(line.Data.Span),
            });
        }

        return publication;
    }
}
