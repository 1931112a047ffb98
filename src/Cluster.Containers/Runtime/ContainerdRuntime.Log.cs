using Cluster.Model.Ids;
using Microsoft.Extensions.Logging;

namespace Cluster.Containers.Runtime;

internal sealed partial class ContainerdRuntime
{
    [LoggerMessage(LogLevel.Warning, "task {TaskId}: its container is gone without a record of its end; taken as killed")]
    private partial void LogRecordLost(TaskId taskId);
}
