using Cluster.Model.Ids;
using Microsoft.Extensions.Logging;

namespace Cluster.Containers.Runtime;

internal sealed partial class ContainerMaker
{
    [LoggerMessage(LogLevel.Warning, "task {TaskId}: this node cannot give all that was asked for: {Limit}")]
    private partial void LogClamped(TaskId taskId, string limit);
}
